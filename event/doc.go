// Package event names everything that can happen in Ficus and says what is told about it.
//
// It owns the shape of an event, the names of the events of resources
// ("Patient.Created") and how a listener chooses among names. A module names
// its own events "<Module>.<Verb>" by Of. An event holds references, versions
// and instants; a payload is small and never holds the body of a resource.
//
// Events are values: the package delivers nothing and stores nothing.
package event
