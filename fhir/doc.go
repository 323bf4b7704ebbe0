// Package fhir holds a FHIR resource as a value: the JSON bytes as they came,
// kept whole, and a flat table of where each value in them begins and ends.
//
// Parsing is strict (RFC 8259, RFC 3629, and the string rules of
// https://hl7.org/fhir/R4/datatypes.html#string): duplicate names, bad UTF-8,
// control characters and excess depth, size or number of values are refused with the place named.
// Nothing is decoded that nobody asks for, so decimals keep their digits and
// unknown members survive. Values are immutable and safe for concurrent reading.
//
// The package knows JSON and the few shapes that all of FHIR shares (resource,
// meta, reference, bundle, outcome); what an element means is told by fhir/r4.
package fhir
