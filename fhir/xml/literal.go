package xml

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fhir/r4"
)

// form is how the value of a primitive type is written in JSON.
type form uint8

const (
	tokenForm form = iota // a string; white space at its ends is not part of it
	textForm              // a string whose every character counts
	booleanForm
	integerForm
	decimalForm
)

var forms = sync.OnceValue(func() []form {
	all := make([]form, len(r4.Types())+1)
	for _, t := range r4.Types() {
		switch {
		case t.Kind != r4.Primitive:
		case t.Name == "string" || t.Name == "markdown":
			all[t.ID] = textForm
		case t.Name == "boolean":
			all[t.ID] = booleanForm
		case t.Name == "decimal":
			all[t.ID] = decimalForm
		case r4.IsA(t.Name, "integer"):
			all[t.ID] = integerForm
		}
	}
	return all
})

func formOf(t *r4.TypeInfo) form { return forms()[t.ID] }

// literal writes the value of an attribute as JSON. Faults: Invalid where JSON has no form for it.
func (r *reader) literal(a *attr, f form) error {
	whole := r.get(a.value)
	v := trim(whole)
	if len(v) == 0 {
		return r.refuse(a.at, "an attribute must not be empty")
	}
	r.mark(a.value.from - 1)
	switch f {
	case textForm:
		v = whole
	case booleanForm:
		if string(v) != "true" && string(v) != "false" {
			return r.failValue(a, "the value must be true or false")
		}
		r.b = append(r.b, v...)
		return nil
	case integerForm, decimalForm:
		if f == integerForm && len(v) > 1 && v[0] == '+' { // JSON has no plus
			v = v[1:]
		}
		if !isNumber(v) {
			return r.failValue(a, "the value must be a number, such as 12 or -1.50")
		}
		r.b = append(r.b, v...)
		return nil
	}
	r.b = appendValue(r.b, v)
	return nil
}

func (r *reader) failValue(a *attr, text string) error {
	return failure(r.raw, a.value.from, "value", text)
}

func trim(v []byte) []byte { return bytes.Trim(v, " \t\n\r") }

// isNumber reports whether v is a number of JSON (RFC 8259 section 6).
func isNumber(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("-"))
	n := digits(v)
	if n == 0 || n > 1 && v[0] == '0' {
		return false
	}
	if v = v[n:]; len(v) > 0 && v[0] == '.' {
		if n = digits(v[1:]); n == 0 {
			return false
		}
		v = v[1+n:]
	}
	if len(v) == 0 || v[0] != 'e' && v[0] != 'E' {
		return len(v) == 0
	}
	if v = v[1:]; len(v) > 0 && (v[0] == '+' || v[0] == '-') {
		v = v[1:]
	}
	return len(v) > 0 && digits(v) == len(v)
}

// digits counts those at the start.
func digits(v []byte) (n int) {
	for n < len(v) && v[n] >= '0' && v[n] <= '9' {
		n++
	}
	return n
}

// appendValue appends the value of an attribute as a JSON string: references resolved, white
// space made spaces (https://www.w3.org/TR/xml/#AVNormalize).
func appendValue(dst, v []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(v); {
		n := plain(v[i:])
		dst = append(dst, v[i:i+n]...)
		if i += n; i == len(v) {
			break
		}
		switch c := v[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '&':
			r, size := reference(v[i:])
			dst = appendRune(dst, r)
			i += size - 1
		case '\r':
			if i+1 < len(v) && v[i+1] == '\n' { // one line end (https://www.w3.org/TR/xml/#sec-line-ends)
				i++
			}
			dst = append(dst, ' ')
		default:
			dst = append(dst, ' ')
		}
		i++
	}
	return append(dst, '"')
}

// plain counts the bytes at the start that mean themselves in both forms.
func plain(v []byte) int {
	for i, c := range v {
		if c < 0x20 || c == '"' || c == '\\' || c == '&' {
			return i
		}
	}
	return len(v)
}

// appendRune appends a character to a JSON string.
func appendRune(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return utf8.AppendRune(dst, r)
}

// appendText appends text as a JSON string, character by character.
func appendText(dst, v []byte) []byte {
	dst = append(dst, '"')
	for from := 0; ; {
		n := 0
		for from+n < len(v) && v[from+n] >= 0x20 && v[from+n] != '"' && v[from+n] != '\\' {
			n++
		}
		dst = append(dst, v[from:from+n]...)
		if from += n; from == len(v) {
			return append(dst, '"')
		}
		dst = appendRune(dst, rune(v[from]))
		from++
	}
}
