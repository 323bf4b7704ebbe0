package store

import "time"

// Method is the interaction that made a version, as FHIR's history names it.
type Method uint8

// The methods; the numbers are stored.
const (
	Post Method = iota + 1
	Put
	Delete
	Patch
)

// String is the HTTP verb.
func (m Method) String() string {
	switch m {
	case Post:
		return "POST"
	case Put:
		return "PUT"
	case Delete:
		return "DELETE"
	case Patch:
		return "PATCH"
	}
	return ""
}

// Version is one version of a resource as it is stored.
type Version struct {
	Type, ID string
	RID      int64 // the resource's number; stable for its life, ordered by creation
	Number   int64 // meta.versionId
	Updated  time.Time
	Method   Method
	Deleted  bool
	Body     []byte // the JSON as it is served; nil where Deleted

	// Reborn is of a version in a history: the one before it was that of a deletion, so this one was created.
	Reborn bool

	// Within is the id of the resource contained in this one that a search has found: Body is that one's JSON. Empty: the
	// resource itself.
	Within string
}

// Effect tells what a write did.
type Effect uint8

// The effects.
const (
	Created Effect = iota + 1
	Updated
	Removed
	Unchanged // nothing was written: a conditional create that found its match, a replay of the same content, a repeated delete
)

// Result is what a write answers: the version that is current after it.
type Result struct {
	Version
	Effect Effect
}
