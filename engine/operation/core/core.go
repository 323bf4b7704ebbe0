package core

import "github.com/ficushealth/ficus/engine/operation"

// Operations are all of them.
func Operations() operation.List {
	return operation.List{meta(), metaAdd(), metaDelete(), patientEverything(), encounterEverything()}
}

// definition is the canonical URL of an operation that R4 defines.
func definition(name string) string { return "http://hl7.org/fhir/OperationDefinition/" + name }
