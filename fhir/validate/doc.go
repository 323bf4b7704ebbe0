// Package validate says what is wrong with one resource.
//
// It owns the rules that need nothing but the resource and the tables of
// fhir/r4. Base checks the structure that every R4 resource must have, whatever
// profile it claims: known elements, JSON shape, cardinality, the form of
// primitives, required codes, targets of references.
//
// It promises to find the place of everything it finds, to look at each value
// once, to allocate nothing for a resource without fault, and never to repeat
// the value of an element in what it says.
//
// It never changes a resource, reads another one or asks a terminology server.
package validate
