package proof

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
)

// Canonical writes a JSON document in the one form of RFC 8785: members sorted by name, no white space, the shortest
// spelling of every string. Numbers must be integers of at most 2^53, as all numbers of a certificate are. fault.Invalid
// for anything else, as for a member that stands twice: two readers could take it for two different documents.
func Canonical(doc []byte) ([]byte, error) {
	v, err := decode(doc)
	if err != nil {
		return nil, err
	}
	return appendCanonical(nil, v)
}

// decode reads a document that has one meaning only.
func decode(doc []byte) (any, error) {
	if !utf8.Valid(doc) {
		return nil, fault.New(fault.Invalid, "the certificate is not JSON: it is no UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	r := reading{d, bytes.Contains(bytes.ToLower(doc), []byte(`\ud`))}
	v, err := r.value(deepest)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fault.New(fault.Invalid, "something stands behind the certificate")
	}
	return v, nil
}

// deepest is deeper than any certificate goes.
const deepest = 16

// reading is a document that is read token by token: the decoder alone would take the last of two members of one name.
type reading struct {
	*json.Decoder
	halves bool // it may write halves of characters, which all decode to the same
}

func (r reading) value(depth int) (any, error) {
	t, err := r.Token()
	if err != nil || depth == 0 {
		return nil, fault.New(fault.Invalid, "the certificate is not JSON")
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return r.list(depth - 1)
		}
		return r.object(depth - 1)
	case string:
		return t, r.whole(t)
	}
	return t, nil
}

func (r reading) whole(s string) error {
	if r.halves && strings.ContainsRune(s, utf8.RuneError) {
		return fault.New(fault.Invalid, "a text of the certificate holds half a character")
	}
	return nil
}

func (r reading) list(depth int) (any, error) {
	list := []any{}
	for r.More() {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, r.end()
}

func (r reading) object(depth int) (any, error) {
	o := map[string]any{}
	for r.More() {
		name, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		key, ok := name.(string)
		if _, twice := o[key]; twice || !ok {
			return nil, fault.New(fault.Invalid, "a member of the certificate stands twice: %s", key)
		}
		if o[key], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	return o, r.end()
}

// end takes the closing bracket.
func (r reading) end() error {
	if _, err := r.Token(); err != nil {
		return fault.New(fault.Invalid, "the certificate is not JSON")
	}
	return nil
}

func appendCanonical(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case json.Number:
		return appendInteger(dst, v)
	case string:
		return appendString(dst, v), nil
	case []any:
		return appendList(dst, v)
	case map[string]any:
		return appendObject(dst, v)
	}
	return nil, fault.New(fault.Internal, "no JSON value")
}

func appendInteger(dst []byte, n json.Number) ([]byte, error) {
	i, err := n.Int64()
	if err != nil || i > 1<<53 || i < -1<<53 {
		return nil, fault.New(fault.Invalid, "a number of the certificate is no integer of at most 2^53")
	}
	return strconv.AppendInt(dst, i, 10), nil
}

func appendList(dst []byte, list []any) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendCanonical(dst, v); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendObject(dst []byte, o map[string]any) (_ []byte, err error) {
	dst = append(dst, '{')
	for i, name := range sortedNames(o) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		if dst, err = appendCanonical(dst, o[name]); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// sortedNames are the names in the order of their UTF-16 code units (RFC 8785, section 3.2.3).
func sortedNames(o map[string]any) []string {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	return names
}

const shortEscapes = "\b\t\n\f\r\"\\"

// appendString writes a string as ECMAScript's JSON.stringify does (RFC 8785, section 3.2.2.2).
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		i := strings.IndexRune(shortEscapes, r)
		switch {
		case i >= 0:
			dst = append(dst, '\\', `btnfr"\`[i])
		case r < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			dst = append(dst, string(r)...)
		}
	}
	return append(dst, '"')
}
