package search

import "github.com/ficushealth/ficus/fhir/r4"

// Query is one search, parsed.
type Query struct {
	Type     string   // resource type; "" is a search over all types
	Clauses  []Clause // all must hold
	Sort     []Sort   // empty: the order of creation
	Count    int      // resources on a page; -1 is the server's default, 0 asks for the total alone
	Cursor   string   // place to go on from, as the server gave it; "" is the start
	Total    Total
	Summary  Summary
	Elements []string // top-level elements to return; empty is all
	Used     []Pair   // the pairs that were used, in order and as given, for the self link
}

// Clause is one condition: any of its values must hold.
type Clause struct {
	Param    r4.Param // _id and _lastUpdated too
	Code     string   // Param.Code
	Modifier Modifier
	Target   string  // resource type named by the modifier OfResource
	Missing  bool    // with the modifier Missing: true asks for resources without the parameter; Values is empty then
	Values   []Value // at least one, but with Missing
}

// Modifier changes what a clause compares (https://hl7.org/fhir/R4/search.html#modifiers).
type Modifier string

// The modifiers that are served.
const (
	NoModifier Modifier = ""
	Missing    Modifier = "missing"    // any type: Clause.Missing holds the value
	Exact      Modifier = "exact"      // string: the whole value, as it is
	Contains   Modifier = "contains"   // string: anywhere in the value
	Text       Modifier = "text"       // token: the beginning of the display text
	Not        Modifier = "not"        // token: none of the values
	Identifier Modifier = "identifier" // reference: Reference.identifier; the values are tokens
	Below      Modifier = "below"      // uri: this one and those under it
	OfResource Modifier = "[type]"     // reference: Clause.Target is the type
)

// Sort is one key of the order.
type Sort struct {
	Param r4.Param // _id and _lastUpdated too
	Code  string   // Param.Code
	Desc  bool
}

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
