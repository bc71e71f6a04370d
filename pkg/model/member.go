package model

// Role is a member's part in raft.
type Role string

// The roles of a member.
const (
	RoleLeader   Role = "leader"
	RoleFollower Role = "follower"
	RoleLearner  Role = "learner"
	RoleUnknown  Role = "unknown"
)

// MemberState is what an observer says of a member.
type MemberState string

// The states of a member.
const (
	MemberUp        MemberState = "Up"        // answers, and knows a leader
	MemberNoLeader  MemberState = "NoLeader"  // answers, and knows none
	MemberDown      MemberState = "Down"      // does not answer
	MemberUnstarted MemberState = "Unstarted" // added to the cluster, and never joined
)

// Member is one etcd member, as its own status call and the member list tell.
// Numbers are nil where the member did not answer. IDs are lower-case hex.
type Member struct {
	Name      string      `json:"name"`
	ID        string      `json:"id"`
	Endpoint  string      `json:"endpoint"`
	Endpoints []string    `json:"endpoints,omitempty"` // every client URL that it advertises
	PeerURLs  []string    `json:"peerURLs,omitempty"`
	Role      Role        `json:"role"`
	State     MemberState `json:"state"`
	Reason    string      `json:"reason,omitempty"`

	Version        string   `json:"version,omitempty"`
	StorageVersion string   `json:"storageVersion,omitempty"`
	DBSize         *int64   `json:"dbSize"`      // bytes
	DBSizeInUse    *int64   `json:"dbSizeInUse"` // bytes
	DBSizeQuota    *int64   `json:"dbSizeQuota"` // bytes
	LeaderID       string   `json:"leaderID,omitempty"`
	RaftTerm       *uint64  `json:"raftTerm"`
	RaftIndex      *uint64  `json:"raftIndex"`
	RaftApplied    *uint64  `json:"raftAppliedIndex"`
	RaftLag        *uint64  `json:"raftLag"` // entries behind the highest index that any member told
	Revision       *int64   `json:"revision"`
	IsLearner      bool     `json:"isLearner"`
	Alarms         []string `json:"alarms,omitempty"`
	Errors         []string `json:"errors,omitempty"`

	// Pod and Volume are what Kubernetes knows of the member; nil elsewhere.
	Pod    *PodFacts `json:"pod,omitempty"`
	Volume *Volume   `json:"volume,omitempty"`
}

// Answered reports whether the member's status could be read.
func (m *Member) Answered() bool { return m.State == MemberUp || m.State == MemberNoLeader }

// Quorum says how many voting members there are and how many must answer.
type Quorum struct {
	Voters int `json:"voters"`
	Needed int `json:"needed"`
	Up     int `json:"up"` // voters that answer
	// MayLose is how many more may fail while a quorum remains; negative
	// where there is none.
	MayLose int `json:"mayLose"`
}

// QuorumOf counts the quorum of a list of members.
func QuorumOf(members []Member) Quorum {
	var q Quorum
	for i := range members {
		if members[i].IsLearner {
			continue
		}
		q.Voters++
		if members[i].Answered() {
			q.Up++
		}
	}
	q.Needed = q.Voters/2 + 1
	q.MayLose = q.Up - q.Needed
	return q
}

// Has reports whether enough voters answer.
func (q Quorum) Has() bool { return q.Voters > 0 && q.Up >= q.Needed }
