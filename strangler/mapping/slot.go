package mapping

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fhir"
)

// slot is what a rule gives to the element it writes, for one row.
type slot struct {
	form   form
	text   []byte
	beside beside // what stands beside the value
	orig   []byte // with asIs and damaged: the value as the source has it
	mark   string // the state of a cell that has no value: "null", "empty", "zero"
}

// form says how the text of a slot becomes JSON.
type form uint8

const (
	nothing form = iota
	str          // text to be quoted
	raw          // JSON as it is: a number, true, an object
)

// beside is what is said about an element beside its value.
type beside uint8

const (
	besideAsIs    beside = 1 << iota // extension with the text of the source
	besideDamaged                    // extension with the bytes of a text that is not valid in its character set
	besideUnknown                    // data-absent-reason
)

const absentReasonURL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

func (s *slot) empty() bool { return s.form == nothing && s.beside == 0 }

// appendValue appends the slot's value.
func (s *slot) appendValue(dst []byte) []byte {
	if s.form == raw {
		return append(dst, s.text...)
	}
	return appendQuoted(dst, s.text)
}

// appendBeside appends the extensions of the slot, with a comma between them and none at the ends.
func (s *slot) appendBeside(dst []byte, l *leaf) []byte {
	if s.beside&besideUnknown != 0 {
		dst = append(dst, `{"url":"`+absentReasonURL+`","valueCode":"unknown"}`...)
	}
	if s.beside&(besideAsIs|besideDamaged) == 0 {
		return dst
	}
	url, base64 := l.asIs, s.beside&besideDamaged != 0
	if base64 {
		url = l.damaged
	}
	dst = append(fhir.AppendString(append(dst, `{"url":`...), url), ',')
	return append(appendOriginal(dst, s.orig, base64), '}')
}

// appendOriginal appends a value that no element could hold: as a string where FHIR can hold it, else as bytes.
func appendOriginal(dst, orig []byte, binary bool) []byte {
	if !binary && isText(orig) {
		return appendQuoted(append(dst, `"valueString":`...), orig)
	}
	dst = append(dst, `"valueBase64Binary":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, orig), '"')
}

// isText reports whether b can be a string of FHIR: not empty, valid UTF-8, no control characters but tab, line feed and
// carriage return, not white space only (https://hl7.org/fhir/R4/datatypes.html#string).
func isText(b []byte) bool {
	solid := false
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
		solid = solid || c > ' '
	}
	return solid && utf8.Valid(b)
}
