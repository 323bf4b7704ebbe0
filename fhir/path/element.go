package path

import "github.com/ficushealth/ficus/fhir"

// AsElement is a System value as the element of FHIR that it converts to (https://hl7.org/fhir/R4/fhirpath.html#types): a
// string, integer, decimal, date, dateTime, time, boolean or Quantity that stands nowhere in a document. Everything else is itself.
func (n Node) AsElement() Node {
	if n.sys == nil || int(n.sys.kind()) >= len(elementTypes) {
		return n
	}
	v, err := fhir.ParseValue(n.AppendJSON(nil), fhir.Limits{})
	if err != nil { // too long for a document, so for an element
		return Node{}
	}
	return Of(v, elementTypes[n.sys.kind()])
}

var elementTypes = [...]string{kBoolean: "boolean", kString: "string", kInteger: "integer", kDecimal: "decimal",
	kDate: "date", kDateTime: "dateTime", kTime: "time", kQuantity: "Quantity"}
