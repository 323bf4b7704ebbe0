package core

import (
	"time"

	"github.com/ficushealth/ficus/engine/operation"
)

// Operations are all of them. newID gives UUIDs.
func Operations(now func() time.Time, newID func() string) operation.List {
	return operation.List{meta(), metaAdd(), metaDelete(), diff(), patientEverything(), encounterEverything(), lastn(), document(now, newID)}
}

// definition is the canonical URL of an operation that R4 defines.
func definition(name string) string { return "http://hl7.org/fhir/OperationDefinition/" + name }
