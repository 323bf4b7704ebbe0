package search

import (
	"net/url"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// Pair is one name=value of a query string or form, decoded, in the order given.
type Pair struct{ Name, Value string }

// ParseQueryString takes an URL's query, or a form body, apart and keeps the order.
// Faults: Invalid where percent-encoding is broken.
func ParseQueryString(raw string) ([]Pair, error) {
	var out []Pair
	for raw != "" {
		var field string
		field, raw, _ = strings.Cut(raw, "&")
		if field == "" {
			continue
		}
		p, err := pair(field)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func pair(field string) (Pair, error) {
	name, value, _ := strings.Cut(field, "=")
	n, err := url.QueryUnescape(name)
	if err == nil {
		value, err = url.QueryUnescape(value)
	}
	if err != nil {
		return Pair{}, fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "the query is not properly percent-encoded"})
	}
	return Pair{n, value}, nil
}

// Encode writes pairs as a query string, names and values escaped.
func Encode(pairs []Pair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.Name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.Value))
	}
	return b.String()
}
