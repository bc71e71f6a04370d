package model

// KindTargetList is the kind of TargetList.
const KindTargetList = "TargetList"

// TargetList is what `target list` shows.
type TargetList struct {
	TypeMeta `json:",inline"`
	Items    []TargetItem `json:"items"`
}

// TargetItem is a cluster that commands can talk to.
type TargetItem struct {
	Name      string   `json:"name"`
	Current   bool     `json:"current"`
	Endpoints []string `json:"endpoints,omitempty"`
	// Where is the state directory of a local cluster.
	Where  string `json:"where,omitempty"`
	Reason string `json:"reason,omitempty"` // why it cannot be used
}
