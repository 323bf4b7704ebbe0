package validate

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// identified checks what names something: systems, canonical urls, references and the ids of elements. FHIR asks for all of
// them in words, but in places that many overlook.
func (p *pass) identified(it item) {
	switch it.t.Name {
	case "canonical":
		p.canonical(it)
	case "uri", "url":
		p.uri(it)
	case "Identifier":
		p.identifier(it)
	case "Attachment":
		p.attachment(it)
	case "Coding":
		p.codeSystem(it)
	case "Reference":
		p.literal(it)
	}
	// definitions of elements have the same ids in the snapshot and in the differential
	if id := it.object().Get("id"); it.t.Kind != r4.Resource && it.t.Name != "ElementDefinition" && id.Kind() == fhir.String {
		p.elementID(id)
	}
}

func (p *pass) identifier(it item) {
	system, value := it.v.Get("system"), it.v.Get("value")
	switch {
	case system.Kind() == fhir.String && !isAbsolute(system.Str()):
		p.tellStrictly("invalid", system, "the system of an identifier must be an absolute url")
	case system.Str() == "urn:ietf:rfc:3986" && value.Kind() == fhir.String && !isAbsolute(value.Str()):
		p.tellStrictly("invalid", value, "the system says that the value is a URI, so it must be a whole one") // https://hl7.org/fhir/R4/datatypes.html#identifier
	}
}

// attachment compares the size with the data (https://hl7.org/fhir/R4/datatypes-definitions.html#Attachment.size).
func (p *pass) attachment(it item) {
	data, size := it.v.Get("data"), it.v.Get("size")
	if data.Kind() != fhir.String || size.Kind() != fhir.Number || !isBase64(data.Str()) {
		return
	}
	if n := decodedLen(data.Str()); size.Str() != strconv.Itoa(n) {
		p.tellStrictly("invalid", size, "the size is not that of the data: %d bytes", n)
	}
}

// decodedLen is how many bytes a base64 text stands for, white space left out.
func decodedLen(s string) int {
	n := 0
	for i := range len(s) {
		if isBase64Byte(s[i]) && s[i] != '=' {
			n++
		}
	}
	return n * 3 / 4
}

func (p *pass) canonical(it item) {
	if s := it.v.Str(); s != "" && s[0] != '#' && !isAbsolute(s) {
		p.tellStrictly("invalid", it.at(), "a canonical url must be absolute, or # and the id of a contained resource")
	}
}

// uri checks the urns of OIDs and UUIDs (https://hl7.org/fhir/R4/datatypes.html#uri).
func (p *pass) uri(it item) {
	s := it.v.Str()
	switch {
	case strings.HasPrefix(s, "oid:"), strings.HasPrefix(s, "uuid:"):
		p.tellStrictly("invalid", it.at(), "an OID or UUID begins with urn: in front")
	case strings.HasPrefix(s, "urn:oid:") && !isOID(s):
		p.tellStrictly("invalid", it.at(), "this is no OID: numbers with dots between, the first from 0 to 2")
	case strings.HasPrefix(s, "urn:uuid:") && !isUUID(s):
		p.tellStrictly("invalid", it.at(), "this is no UUID in lower case")
	}
}

func (p *pass) codeSystem(it item) {
	system := it.v.Get("system")
	url := system.Str()
	switch {
	case url == "":
	case !isAbsolute(url):
		p.tellStrictly("invalid", system, "the system of a coding must be an absolute url")
	case p.isValueSet(url):
		p.tellStrictly("invalid", system, "the system of a coding names a value set: name the code system")
	}
}

func (p *pass) isValueSet(url string) bool {
	if cs, err := p.Terms.CodeSystem(url); cs != nil || err != nil {
		return false
	}
	vs, err := p.Terms.ValueSet(url)
	return vs != nil && err == nil && vs.URL == url
}

// literal checks the form of a reference (https://hl7.org/fhir/R4/references.html#literal).
func (p *pass) literal(it item) {
	v := it.v.Get("reference")
	text := v.Str()
	ref := fhir.ParseRef(text)
	switch typ := it.v.Get("type").Str(); {
	case text == "":
	case ref.Kind == fhir.RefOther && !isAbsolute(text) && !strings.ContainsAny(text, "/?"):
		p.tellStrictly("value", v, "a relative reference is of the form Type/id")
	case ref.Kind == fhir.RefOther && !isAbsolute(text):
		p.tell(warning, "value", v, "a relative reference is of the form Type/id")
	case typ != "" && ref.Type != "" && typ != ref.Type:
		p.tellStrictly("value", it.v.Get("type"), "the type of the reference is not that of what it refers to")
	}
}

// elementID refuses an id that stands twice in a resource (https://hl7.org/fhir/R4/element-definitions.html#Element.id).
func (p *pass) elementID(id fhir.Value) {
	s := p.scope
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	if s.ids[id.Str()] {
		p.tellStrictly("invalid", id, "this id stands twice in the resource")
	}
	s.ids[id.Str()] = true
}
