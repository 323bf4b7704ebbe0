// Package search reads the FHIR search language (https://hl7.org/fhir/R4/search.html):
// the pairs of a query string or form become a Query: conditions that must all hold,
// what to include, and the order, with every value taken apart and typed.
//
// A condition is a tree: a comparison of one search parameter, a junction of others
// (the operators of _filter and full text, the types of an open chain), or a step along a
// reference, forwards (a chain) or backwards (_has, _list). A chain whose step
// names no type leads to every type that has what is asked next.
//
// It promises that what Parse returns is whole: each clause names a parameter that the
// type has, each value has the form that the parameter's type asks for, and ranges carry
// the precision with which they were written. What is not understood is refused by name,
// or, if the caller asked for lenience, left out and reported; it is never guessed. What
// leads too far, too deep or to too many types is refused after bounded work.
//
// The parameters are those of R4, with those of a tenant where a set of them is given (ParseIn).
//
// It never reads a resource or a database and knows nothing of how a clause is answered:
// engine/store compiles the Query. Values of parameters never appear in its faults,
// because they may be patient data.
package search
