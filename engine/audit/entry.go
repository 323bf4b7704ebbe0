package audit

import (
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/access"
)

// Entry says that somebody did something, or was refused.
type Entry struct {
	Tenant    int32
	At        time.Time // to the microsecond
	Action    string    // create, read, vread, search, update, delete, history, ...
	Outcome   string    // Success, Refused or Failed
	Reason    string    // of a refusal or failure, for people; holds no patient data
	Subject   string    // who: access.Principal.Subject
	Name      string    // the same for people, at the time; may be empty
	Client    string    // through which program
	Session   string    // id of the session or grant by which the subject had signed in; may be empty
	Address   string    // from where on the network
	Agent     string    // the program, as it names itself; nobody vouches for it
	RequestID string
	Purpose   string   // why, as a code
	Things    []Thing  // what was seen or changed
	Patients  []string // ids of the patients whom that is about or who are mentioned in it, sorted, each once
	Query     string   // names of search parameters, never their values
	Detail    string   // more, for people; holds no patient data
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

// Of is the entry of what a principal did, with success. Patients among the things are those whom it is about.
func Of(p access.Principal, action string, at time.Time, things ...Thing) Entry {
	e := Entry{
		Tenant: p.Tenant, At: at, Action: action, Outcome: Success, Subject: p.Subject, Name: p.Name, Client: p.Client, Session: p.Grant,
		Address: p.Address, Agent: p.Agent, RequestID: p.RequestID, Purpose: p.Purpose, Things: things,
	}
	for _, t := range things {
		if t.Type == "Patient" && t.ID != "" {
			e.Concerns(t.ID)
		}
	}
	return e
}

// Concerns notes ids of patients whom the entry is about.
func (e *Entry) Concerns(patients ...string) {
	e.Patients = append(e.Patients, patients...)
	slices.Sort(e.Patients)
	e.Patients = slices.Compact(e.Patients)
}
