// Package operation is the one mechanism by which FHIR operations are offered and called
// (https://hl7.org/fhir/R4/operations.html).
//
// It owns Operation, what whoever offers one says of it: code, on what it is called,
// whether it changes anything, what goes in, the right that a caller needs; List, which finds the
// operation that a request names; and the reading of input, which may come as Parameters, as
// one bare resource, or as pairs of an URL.
//
// It promises that an operation runs only if the caller has the right that it names, with input
// that has been checked against what it declares, and that each call, refused ones too, is on record.
// It never speaks HTTP, and no operation of it sees anything but through the caller's Desk.
package operation
