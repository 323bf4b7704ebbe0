package event

import "time"

// Event is one thing that happened to one resource or record.
type Event struct {
	Tenant   int32
	Name     string // Thing.Verb, for example "Patient.Created"
	Type     string // resource type, or the name of a module's record
	ID       string // logical id within the type
	RID      int64  // the store's number of the resource; 0 for a record
	Version  int    // the version that the change made, from 1; 0 for a record
	Replayed bool   // true: the change happened long ago and is only repeated here, so nobody is to be told by mail or SMS
	At       time.Time
	Payload  []byte // JSON of the event's own, nil if the name says all; holds no patient data
}
