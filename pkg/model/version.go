package model

// KindVersion is the kind of VersionInfo.
const KindVersion = "Version"

// VersionInfo is what `version` shows.
type VersionInfo struct {
	TypeMeta `json:",inline"`
	Client   ClientVersion   `json:"client"`
	Servers  []ServerVersion `json:"servers,omitempty"`
}

// ClientVersion is the version of this program.
type ClientVersion struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// ServerVersion is the version of one etcd member.
type ServerVersion struct {
	Name    string      `json:"name"`
	State   MemberState `json:"state"`
	Version string      `json:"version,omitempty"`
	Storage string      `json:"storageVersion,omitempty"`
	Reason  string      `json:"reason,omitempty"`
}
