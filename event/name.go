package event

import "strings"

// The verbs of a change to a resource.
const (
	VerbCreated = "Created"
	VerbUpdated = "Updated"
	VerbDeleted = "Deleted"
)

// Created names the event of a new resource of the type, for example "Patient.Created".
func Created(resourceType string) string { return Of(resourceType, VerbCreated) }

// Updated names the event of a new version of a resource.
func Updated(resourceType string) string { return Of(resourceType, VerbUpdated) }

// Deleted names the event of a deletion.
func Deleted(resourceType string) string { return Of(resourceType, VerbDeleted) }

// Of names an event: thing is a resource type or a module, verb is what happened, in the past tense. Neither holds a dot.
func Of(thing, verb string) string { return thing + "." + verb }

// Split takes a name apart; a name without a dot is all thing.
func Split(name string) (thing, verb string) {
	thing, verb, _ = strings.Cut(name, ".")
	return thing, verb
}

// Matches reports whether a listener's pattern takes the name. A pattern is a name of which either half may be "*";
// "*" alone takes everything.
func Matches(pattern, name string) bool {
	if pattern == "*" || pattern == name {
		return true
	}
	wantThing, wantVerb := Split(pattern)
	thing, verb := Split(name)
	return (wantThing == "*" || wantThing == thing) && (wantVerb == "*" || wantVerb == verb)
}
