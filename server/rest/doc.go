// Package rest speaks FHIR R4 over HTTP (https://hl7.org/fhir/R4/http.html): read, vread,
// create, update, patch, delete, history, search (of a type, of several, of a compartment), batch
// and transaction, the operations that app lists, and the capability statement that says so.
// One file holds one interaction.
//
// It promises that every answer that is no success carries an OperationOutcome with the
// status that FHIR gives the kind of fault; that a body leaves exactly as the store holds
// it; and that everything it serves but the capability statement was asked by a known
// caller, because a Desk is only made for a Principal.
//
// It never decides who may see what, never touches a database, and never writes a value
// of a resource, an id or a query into a log: inner error text goes to the log with the
// request's number, and the caller gets the number.
package rest
