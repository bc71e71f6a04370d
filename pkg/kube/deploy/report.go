package deploy

import "strings"

// Report is what a deploy has done.
type Report struct {
	Objects []Applied
	Renewed []string // certificates that were made
	Users   []string // what was changed of etcd's users and roles
	Restart []string // members that run by an older template until they are restarted
}

// Count counts the objects with an outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for _, a := range r.Objects {
		if a.Outcome == o {
			n++
		}
	}
	return n
}

// Unchanged reports whether everything was as it should be.
func (r *Report) Unchanged() bool {
	return r.Count(Unchanged) == len(r.Objects) && len(r.Users) == 0
}

// Outcome is what an apply did to an object.
type Outcome int

// The outcomes.
const (
	Created Outcome = iota + 1
	Changed
	Unchanged
)

func (o Outcome) String() string {
	return map[Outcome]string{Created: "created", Changed: "changed", Unchanged: "unchanged"}[o]
}

// News is something that happens in the course of a deploy.
type News interface{ news() }

// Applied tells of an object that was applied.
type Applied struct {
	Kind, Name, Namespace string
	Outcome               Outcome
}

// Object names an object as kubectl does: statefulset/etcd.
func (a Applied) Object() string { return strings.ToLower(a.Kind) + "/" + a.Name }

// Removed tells of an object that is about to go.
type Removed struct{ Kind, Name, Namespace string }

// Object names an object as kubectl does: statefulset/etcd.
func (r Removed) Object() string { return strings.ToLower(r.Kind) + "/" + r.Name }

// Warned tells of a problem that refuses nothing.
type Warned struct{ Problem }

// UsersChanged tells what was changed of etcd's users and roles.
type UsersChanged struct{ Changes []string }

// Waiting tells what is not ready yet, each time that it was looked at; nothing
// once all is.
type Waiting struct {
	For     string
	Pending []Pending
}

// Pending is an object that is not ready yet, and why.
type Pending struct{ Object, Reason string }

func (Applied) news()      {}
func (Removed) news()      {}
func (Warned) news()       {}
func (UsersChanged) news() {}
func (Waiting) news()      {}
