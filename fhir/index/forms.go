package index

// SpecialValues is the code system of the booleans (https://hl7.org/fhir/R4/codesystem-special-values.html).
const SpecialValues = "http://terminology.hl7.org/CodeSystem/special-values"

// Currencies is the system of Money.currency.
const Currencies = "urn:iso:std:iso:4217"

// Param is the key of all date, number, quantity, string, uri and reference rows of a parameter.
func (h Hasher) Param(t, p string) int64 { return h.Key(t, p) }

// TokenCode is the key of a code; its system stands beside it in the row.
func (h Hasher) TokenCode(t, p, code string) int64 { return h.Key(t, p, "c", code) }

// UnderTokenSystem is the key of the rows of a composite under a code of a system; system "" is a code that has none.
func (h Hasher) UnderTokenSystem(t, p, system, code string) int64 {
	return h.Key(t, p, "sc", system, code)
}

// TokenSystem is the key of any code of a system.
func (h Hasher) TokenSystem(t, p, system string) int64 { return h.Key(t, p, "s", system) }

// OfType is the key of an Identifier's value under a coding of its type (modifier :of-type).
func (h Hasher) OfType(t, p, typeSystem, typeCode, value string) int64 {
	return h.Key(t, p, ":of-type", typeSystem, typeCode, value)
}

// Text is the key of the string rows with the normalised displays and texts of a token parameter.
func (h Hasher) Text(t, p string) int64 { return h.Key(t, p, ":text") }

// URI is the key of a uri, and of a reference that is neither relative nor absolute.
func (h Hasher) URI(t, p, uri string) int64 { return h.Key(t, p, "u", uri) }

// IdentifierParam is the parameter code under which Reference.identifier has its token rows.
func IdentifierParam(p string) string { return p + ":identifier" }

// CodeCode is the key of a token$token composite with both codes under any system.
func (h Hasher) CodeCode(t, p, code1, code2 string) int64 { return h.Key(t, p, "cc", code1, code2) }

// CodeSystemCode is the key of a token$token composite, the second code of a system.
func (h Hasher) CodeSystemCode(t, p, code1, system2, code2 string) int64 {
	return h.Key(t, p, "csc", code1, system2, code2)
}

// SystemCodeCode is the key of a token$token composite, the first code of a system.
func (h Hasher) SystemCodeCode(t, p, system1, code1, code2 string) int64 {
	return h.Key(t, p, "scc", system1, code1, code2)
}

// SystemCodeSystemCode is the key of a token$token composite, each code of a system.
func (h Hasher) SystemCodeSystemCode(t, p, system1, code1, system2, code2 string) int64 {
	return h.Key(t, p, "scsc", system1, code1, system2, code2)
}
