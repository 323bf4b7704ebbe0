// Package validate says what is wrong with one resource.
//
// Base checks the structure that every R4 resource must have, whatever profile
// it claims: known elements, JSON shape, cardinality, the form of primitives,
// required codes, targets of references. Whole adds, in the same pass, the
// invariants of R4, narratives, contained resources and bundles. A Validator
// adds what needs more than the resource: profiles, extensions, terminology.
//
// It promises to find the place of everything it finds, to say what to do about
// it, to allocate nothing in Base for a resource without fault, and never to
// repeat the value of an element in what it says. A binding that could not be
// checked is told as such, never passed off as valid.
//
// It never changes a resource and reads no other one: definitions and codes are
// brought by what the caller joins to it.
package validate
