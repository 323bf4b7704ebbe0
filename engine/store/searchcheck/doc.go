// Package searchcheck is a second, slow opinion on search: it reads the files
// that were loaded as plain JSON, makes random queries that find something, and
// filters the files one by one.
//
// It owns its own reading of the search page of FHIR R4: which element a
// parameter looks at, when a token, string, date, number, quantity, reference,
// uri or composite matches (https://hl7.org/fhir/R4/search.html). It promises to
// share no code with what it checks: it imports no other package of Ficus, and
// FLOORS keeps it so. Where the standard leaves a server free it says maybe and
// accepts both. It never opens a store: a test asks the store and compares.
package searchcheck
