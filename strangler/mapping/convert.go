package mapping

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// conversion turns the value of a cell into that of an element and back. Both ways are exact: what to calls exact, from
// turns into the same bytes again.
type conversion interface {
	// to gives the element's value. b is not NULL and none of the rule's special values.
	to(r *run, b []byte) value

	// from gives the cell's value; ok is false if v has none.
	from(r *run, v fhir.Value) (b []byte, ok bool)
}

// value is the outcome of a conversion.
type value struct {
	form   form
	text   []byte
	second []byte // of a quantity: the comparator
	fit    fit
	code   string // finding to report, if any
}

// fit says how well an element holds a value.
type fit uint8

const (
	exact   fit = iota
	inexact     // the element says less than the value
	unfit       // the element cannot say it
)

func quoted(b []byte) value  { return value{form: str, text: b} }
func literal(b []byte) value { return value{form: raw, text: b} }

// textual keeps text as it is, behind a prefix.
type textual struct {
	prefix string
	valid  func([]byte) bool
}

func (c textual) to(_ *run, b []byte) value {
	if c.prefix != "" {
		b = append([]byte(c.prefix), b...)
	}
	if !c.valid(b) {
		return value{fit: unfit}
	}
	return quoted(b)
}

func (c textual) from(_ *run, v fhir.Value) ([]byte, bool) {
	s := v.Str()
	if len(s) < len(c.prefix) || s[:len(c.prefix)] != c.prefix {
		return nil, false
	}
	return []byte(s[len(c.prefix):]), v.Kind() == fhir.String
}

// maxText is how many characters a string may have (https://hl7.org/fhir/R4/datatypes.html#string).
const maxText = 1 << 20

func validText(b []byte) bool {
	return isText(b) && (len(b) <= maxText || utf8.RuneCount(b) <= maxText)
}

// validCode follows https://hl7.org/fhir/R4/datatypes.html#code.
func validCode(b []byte) bool {
	space := true
	for _, c := range b {
		now := c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'
		if now && space {
			return false
		}
		space = now
	}
	return !space && validText(b)
}

func validURI(b []byte) bool {
	for _, c := range b {
		if c <= ' ' {
			return false
		}
	}
	return validText(b)
}

func validID(b []byte) bool { return fhir.IsID(view(b)) }

// bound makes a check of codes one that also asks the value set.
func bound(set *r4.ValueSet) func([]byte) bool {
	return func(b []byte) bool { return validCode(b) && set.Has(view(b)) }
}

// validFor is the check for a primitive type whose JSON is a string; nil for other types.
func validFor(e *r4.Element) func([]byte) bool {
	switch e.Types[0] {
	case "string", "markdown":
		return validText
	case "code":
		if set := e.Codes(); set != nil {
			return bound(set)
		}
		return validCode
	case "uri", "url", "canonical", "oid", "uuid":
		return validURI
	case "id":
		return validID
	}
	return nil
}

// numeric keeps the literal of a number, digit by digit.
type numeric struct{ min, max int64 } // both 0: any decimal

func (c numeric) to(_ *run, b []byte) value {
	if !isNumber(b) || !c.within(b) {
		return value{fit: unfit}
	}
	return literal(b)
}

func (c numeric) within(b []byte) bool {
	if c.min == 0 && c.max == 0 {
		return true
	}
	n, ok := wholeNumber(b)
	return ok && n >= c.min && n <= c.max
}

func (c numeric) from(_ *run, v fhir.Value) ([]byte, bool) {
	return []byte(v.Str()), v.Kind() == fhir.Number
}

// wholeNumber reads an integer in the form of JSON.
func wholeNumber(b []byte) (n int64, ok bool) {
	d := b
	if len(d) > 0 && d[0] == '-' {
		d = d[1:]
	}
	if len(d) == 0 || len(d) > 18 || d[0] == '0' && len(d) > 1 {
		return 0, false
	}
	for _, c := range d {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(d) < len(b) {
		n = -n
	}
	return n, n != 0 || len(d) == len(b)
}

// isNumber reports whether b is a number of JSON (RFC 8259 section 6).
func isNumber(b []byte) bool {
	b = skipSign(b, "-")
	whole := countDigits(b)
	if whole == 0 || b[0] == '0' && whole > 1 {
		return false
	}
	b = b[whole:]
	if len(b) > 0 && b[0] == '.' {
		n := countDigits(b[1:])
		if n == 0 {
			return false
		}
		b = b[1+n:]
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = skipSign(b[1:], "+-")
		return len(b) > 0 && countDigits(b) == len(b)
	}
	return len(b) == 0
}

func skipSign(b []byte, signs string) []byte {
	for i := range len(signs) {
		if len(b) > 0 && b[0] == signs[i] {
			return b[1:]
		}
	}
	return b
}

func countDigits(b []byte) (n int) {
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}

// truth reads 0 and 1.
type truth struct{}

func (truth) to(_ *run, b []byte) value {
	switch string(b) {
	case "0":
		return literal([]byte("false"))
	case "1":
		return literal([]byte("true"))
	}
	return value{fit: unfit}
}

func (truth) from(_ *run, v fhir.Value) ([]byte, bool) {
	if v.IsTrue() {
		return []byte("1"), true
	}
	return []byte("0"), v.Kind() == fhir.Bool
}

// present makes an element stand for 1; that 0 is its absence is for the rule.
type present struct{ json []byte }

func (c present) to(_ *run, b []byte) value {
	if string(b) != "1" {
		return value{fit: unfit}
	}
	return literal(c.json)
}

func (c present) from(*run, fhir.Value) ([]byte, bool) { return []byte("1"), true }

// encoded writes bytes as base64.
type encoded struct{}

func (encoded) to(_ *run, b []byte) value {
	return quoted(base64.StdEncoding.AppendEncode(nil, b))
}

func (encoded) from(_ *run, v fhir.Value) ([]byte, bool) {
	b, err := base64.StdEncoding.DecodeString(v.Str())
	return b, err == nil && v.Kind() == fhir.String
}

// armored keeps text that is base64 already, if it is written as base64 would write it.
type armored struct{}

func (armored) to(_ *run, b []byte) value {
	bytes, err := base64.StdEncoding.Strict().DecodeString(string(b))
	if err != nil || base64.StdEncoding.EncodeToString(bytes) != string(b) {
		return value{fit: unfit}
	}
	return quoted(b)
}

func (armored) from(_ *run, v fhir.Value) ([]byte, bool) {
	return []byte(v.Str()), v.Kind() == fhir.String
}
