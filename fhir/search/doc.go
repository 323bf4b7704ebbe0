// Package search reads the FHIR search language (https://hl7.org/fhir/R4/search.html):
// the pairs of a query string or form become a Query, a conjunction of clauses over
// the search parameters of one resource type, with every value taken apart and typed.
//
// It promises that what Parse returns is whole: each clause names a parameter that the
// type has, each value has the form that the parameter's type asks for, and ranges carry
// the precision with which they were written. What is not understood is refused by name,
// or, if the caller asked for lenience, left out and reported; it is never guessed.
//
// It never reads a resource or a database and knows nothing of how a clause is answered:
// engine/store compiles the Query. Values of parameters never appear in its faults,
// because they may be patient data.
package search
