package search

import "github.com/ficushealth/ficus/fhir/r4"

// Query is one search, parsed.
type Query struct {
	Type  string   // resource type; "" is a search over several types
	Types []string // of a search over several types: those of _type, sorted, each once; empty is all

	// Compartment narrows the search to what belongs to a resource
	// (https://hl7.org/fhir/R4/compartmentdefinition.html). Parse leaves it empty: it stands in the URL's path.
	Compartment Compartment

	// Contained says whether resources that are contained in others are looked for, and Bare that they themselves are the
	// result and not what contains them (https://hl7.org/fhir/R4/search.html#contained).
	Contained Contained
	Bare      bool

	Clauses  []Clause // all must hold
	Includes []Include
	Sort     []Sort // empty: the order of creation
	Count    int    // resources on a page; -1 is the server's default, 0 asks for the total alone
	Cursor   string // place to go on from, as the server gave it; "" is the start
	Total    Total
	Summary  Summary
	Elements []string // top-level elements to return; empty is all
	// Limits are, by type, what resources must meet besides to be there for who asks, and Limited tells who is limited so from
	// others. Parse leaves them empty: they do not stand in the request.
	Limits  map[string][]Clause
	Limited string

	Used []Pair // the pairs that were used, in order and as given, for the self link
}

// Compartment is a resource whose compartment is meant, by type and id.
type Compartment struct{ Type, ID string }

// Include asks for resources that matches refer to, or that refer to matches
// (https://hl7.org/fhir/R4/search.html#include).
type Include struct {
	Reverse bool   // _revinclude
	Iterate bool   // also of what was included
	Source  string // type that holds the reference; "*" is any
	Code    string // key of its search parameter of type reference; "*" is any
	Target  string // type referred to; "" is any
}

// Clause is one condition on a resource, in one of four forms:
//
//	comparison  Form Compare: Param, Modifier and Values; any of the values must hold
//	junction    Form All, Any, None: of Sub all, at least one or none holds
//	join        Form Join: a resource at the other end of a reference meets all of Sub
//	membership  Form Within: it is in the Compartment. Parse makes none
type Clause struct {
	Form Form
	Name string // the parameter as it was written, as faults name it

	Type     string   // the resource type of which it is asked; "" in a search over several types
	Param    r4.Param // _id and _lastUpdated too; of a join the reference
	Code     string   // Param.Key()
	Modifier Modifier
	Target   string  // resource type named by the modifier OfResource
	Missing  bool    // with the modifier Missing: true asks for resources without the parameter; Values is empty then
	Values   []Value // at least one, but with Missing

	Reverse bool   // of a join: the other resource refers to this one (_has); Param is a parameter of Other
	Other   string // of a join: type of the resource at the other end
	URLs    bool   // of a join: the reference is a canonical URL
	Implied bool   // of a join: the request does not name Other, it is one of several that Param leads to
	Sub     []Clause

	Compartment Compartment
}

// Form is the form of a clause.
type Form uint8

// The forms.
const (
	Compare Form = iota
	All
	Any
	None
	Join
	Within
)

// Modifier changes what a clause compares (https://hl7.org/fhir/R4/search.html#modifiers).
type Modifier string

// The modifiers that are served.
const (
	NoModifier Modifier = ""
	Missing    Modifier = "missing"    // any type: Clause.Missing holds the value
	Exact      Modifier = "exact"      // string: the whole value, as it is
	Contains   Modifier = "contains"   // string, in _filter uri: anywhere in the value
	Text       Modifier = "text"       // token: the beginning of the display text
	Not        Modifier = "not"        // token: none of the values
	Identifier Modifier = "identifier" // reference: Reference.identifier; the values are tokens
	Below      Modifier = "below"      // uri: this one and those under it; token: the code and what it subsumes; reference: the resource and its parts
	Above      Modifier = "above"      // the other way round
	In         Modifier = "in"         // token: Value.Text is the URL of a value set, or ValueSet/id
	NotIn      Modifier = "not-in"     // token: no code is in it
	OfType     Modifier = "of-type"    // token: an identifier with System and Code of its type and Text as its value
	OfResource Modifier = "[type]"     // reference: Clause.Target is the type

	// Of _filter only. Strings are compared folded, as without a modifier.
	Whole    Modifier = "eq" // string, uri: the whole value, compared by Value.Prefix
	Begins   Modifier = "sw" // uri: the beginning
	Ends     Modifier = "ew" // string, uri: the end
	Overlaps Modifier = "po" // date: the periods have a moment in common
)

// Sort is one key of the order.
type Sort struct {
	Via   []Hop    // a chain: the key is that of the resource to which the last hop leads; empty: of the resource itself
	Param r4.Param // _id and _lastUpdated too
	Code  string   // Param.Key()
	Desc  bool
}

// Hop is one step along a reference.
type Hop struct {
	Type  string // that has the reference
	Code  string // key of its search parameter of type reference
	Other string // type referred to
}

// Contained says what a search looks for by its type.
type Contained uint8

// The values of _contained: resources of their own, contained ones, or all.
const (
	ContainedFalse Contained = iota
	ContainedTrue
	ContainedBoth
)

// Total says how exact Bundle.total has to be.
type Total uint8

// The modes of _total. TotalDefault leaves it to the server.
const (
	TotalDefault Total = iota
	TotalNone
	TotalEstimate
	TotalAccurate
)

// Summary says which part of each resource is wanted (https://hl7.org/fhir/R4/search.html#summary).
type Summary string

// The values of _summary; NoSummary is its absence and "false".
const (
	NoSummary    Summary = ""
	SummaryTrue  Summary = "true"
	SummaryText  Summary = "text"
	SummaryData  Summary = "data"
	SummaryCount Summary = "count"
)
