package operation

import (
	"context"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// Level says on what an operation is called; several may be joined by "|".
type Level uint8

// The levels.
const (
	OnSystem   Level = 1 << iota // [base]/$code
	OnType                       // [base]/[type]/$code
	OnInstance                   // [base]/[type]/[id]/$code
	OnVersion                    // [base]/[type]/[id]/_history/[version]/$code
)

// Operation is what FHIR calls an operation. Two may have the same code if they share no type.
type Operation struct {
	Code       string   // without the dollar sign
	Definition string   // canonical URL of its OperationDefinition, for the CapabilityStatement
	On         Level    // at least one
	Types      []string // resource types on which it is called; "Resource" is every type; none with OnSystem alone
	Changes    bool     // it changes what is stored: only POST calls it
	Posted     bool     // only POST calls it, though it changes nothing
	Right      access.Op
	In         []Param
	Searches   bool // it takes search parameters of its type too, which come as Call.Search

	// Do answers a call. It acts for the caller alone, through the desk. Faults: those of the desk, and any that its input deserves.
	Do func(ctx context.Context, desk *store.Desk, c Call) (Answer, error)
}

// Param is something that goes into an operation.
type Param struct {
	Name string
	// Type is a data type ("uri", "Coding"), "Resource" or a type of resource, "*" for
	// any data type, or "" for a parameter that has parts.
	Type     string
	Required bool
	Many     bool // it may be repeated
}

// Call is one call of an operation.
type Call struct {
	Level
	Type, ID, Version string // on what it is called; empty above its level
	In                Input
	Search            []search.Pair   // of an operation that Searches, in the order given
	Handling          search.Handling // of search parameters that are not known
	Base              string          // public address of the FHIR interface, without a slash at its end
}

// Answer is what an operation answers: one resource, one page of a searchset, or nothing at all.
type Answer struct {
	Body []byte         // a resource as JSON
	Made *store.Version // the resource that the call has created, if that is what it is for; Body is this resource
	Page *store.Page    // a page of a searchset, which goes on with the parameter _cursor
	Part search.Query   // of Page: which part of each resource is wanted, by Summary and Elements
}

// Resource is an answer of one resource.
func Resource(o *fhir.Obj) Answer { return Answer{Body: o.JSON()} }

// Perform calls the operation. Faults: Forbidden without the right, those of the operation.
func (o Operation) Perform(ctx context.Context, desk *store.Desk, c Call) (Answer, error) {
	action := "$" + o.Code
	if err := desk.Allow(ctx, action, o.Right, c.Type, c.ID); err != nil {
		return Answer{}, err
	}
	a, err := o.Do(ctx, desk, c)
	if err != nil {
		return Answer{}, err
	}
	return a, desk.Note(ctx, action, c.Type, c.ID)
}
