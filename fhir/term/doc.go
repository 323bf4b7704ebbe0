// Package term is the logic of terminology on values: code systems, value sets
// and concept maps that were read once, and the questions of
// https://hl7.org/fhir/R4/terminology-service.html about them: is a code in a
// system, is it in a set, what is in a set, does one concept subsume another,
// what does a map make of it.
//
// What was read is immutable and safe for concurrent use. A code system keeps
// its concepts in the order of the document with the interval of their
// descendants, so that a hierarchy costs two numbers a concept.
//
// It promises three answers, never two: whether a code is in a set may be yes,
// no, or unknown because a code system is not there. Imports that go in circles,
// and sets too large to hand out, end with a fault.
//
// It never reads a database or a network; a Library brings the definitions.
package term
