package path

import (
	"time"

	"github.com/ficushealth/ficus/fhir"
)

// Context is what an evaluation may ask of its surroundings. A nil Context has nothing. What is nil in it is not there: an
// expression that needs it ends with a fault, but resolve() then knows a target by its type alone.
type Context struct {
	Now       func() time.Time                                 // now(), today(), timeOfDay(); asked once at most in an evaluation
	Resolve   func(ref string) (fhir.Resource, bool)           // resolve(), for what is not contained
	Vars      map[string][]Node                                // %name; the names of the standard come first
	Resource  Node                                             // %resource, the root if it is nothing
	Outer     Node                                             // %rootResource, the container of %resource
	MemberOf  func(coded Node, valueSet string) (bool, error)  // memberOf(); required value sets of R4 are known without it
	Subsumes  func(general, special Node) (bool, error)        // subsumes(), subsumedBy()
	Conforms  func(n Node, profile string) (bool, error)       // conformsTo(), for what is not a type of R4
	Define    func(n Node) (Node, bool)                        // elementDefinition(): an ElementDefinition
	Slice     func(n Node, profile, name string) (bool, error) // slice(): is n of that slice of its list
	Trace     func(name string, items []Node)                  // trace(); the items must not be kept
	MaxSteps  int                                              // 0: DefaultSteps
	MaxResult int                                              // items in flight; 0: DefaultResult
	Budget    *int                                             // steps that evaluations have together; nil: each has MaxSteps
	Done      <-chan struct{}                                  // closed when there is no more time, as that of a context.Context is; nil: never
}

// The budget of one evaluation.
const (
	DefaultSteps  = 10_000_000
	DefaultResult = 1 << 20
)

func (c *Context) budget() int {
	switch {
	case c == nil || c.MaxSteps == 0 && c.Budget == nil:
		return DefaultSteps
	case c.Budget != nil:
		return *c.Budget
	}
	return c.MaxSteps
}

func (c *Context) items() int {
	if c == nil || c.MaxResult == 0 {
		return DefaultResult
	}
	return c.MaxResult
}

var nothing = &Context{}

// orNothing is c, or one that has nothing.
func (c *Context) orNothing() *Context {
	if c == nil {
		return nothing
	}
	return c
}
