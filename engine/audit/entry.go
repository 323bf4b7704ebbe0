package audit

import "time"

// Entry says that somebody did something, or was refused.
type Entry struct {
	Tenant    int32
	At        time.Time // to the microsecond
	Action    string    // create, read, vread, search, update, delete, history, ...
	Outcome   string    // Success, Refused or Failed
	Subject   string    // who: access.Principal.Subject
	Client    string    // through which program
	Address   string    // from where on the network
	RequestID string
	Purpose   string  // why, as a code
	Things    []Thing // what was seen or changed
	Query     string  // names of search parameters, never their values
	Detail    string  // more, for people; holds no patient data
}

// Thing is a resource, or, without an id, a resource type.
type Thing struct {
	Type, ID string
	Version  int    // 0: not told
	Mark     uint64 // of a change: what the version must be, as who wrote it sums it up; 0: not told
}

// The outcomes.
const (
	Success = "success"
	Refused = "refused"
	Failed  = "failed"
)
