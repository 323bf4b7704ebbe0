// Package fault is the closed list of ways in which a request to Ficus can fail.
//
// A fault is made where the reason is known and wrapped with %w on the way up;
// each protocol (FHIR, the domain API, the command line) has one function that
// turns the kind into its own answer. Only Error.Text reaches a client; wrapped
// context and causes are for the log, and neither ever holds patient data.
package fault
