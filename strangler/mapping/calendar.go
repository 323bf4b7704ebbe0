package mapping

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// calendar turns a date, or a date with a time of midnight, into a date.
type calendar struct{ midnight string } // what a date has behind it in the column: "" or " 00:00:00"

func (c calendar) to(_ *run, b []byte) value {
	if _, ok := readDate(view(b)); !ok {
		return value{fit: unfit}
	}
	switch rest := string(b[10:]); {
	case rest == c.midnight:
		return quoted(b[:10])
	case c.midnight != "" && rest[0] == ' ':
		v := quoted(b[:10])
		v.fit = inexact
		return v
	}
	return value{fit: unfit}
}

func (c calendar) from(_ *run, v fhir.Value) ([]byte, bool) {
	s := v.Str()
	if _, ok := readDate(s); !ok {
		return nil, false
	}
	return append([]byte(s[:10]), c.midnight...), v.Kind() == fhir.String
}

// clock keeps a time of day; hours above 23 and negative times, which MySQL knows, do not fit.
type clock struct{}

func (clock) to(_ *run, b []byte) value {
	if _, ok := readClock(view(b)); !ok {
		return value{fit: unfit}
	}
	return quoted(b)
}

func (clock) from(_ *run, v fhir.Value) ([]byte, bool) {
	return []byte(v.Str()), v.Kind() == fhir.String
}

type moment struct {
	hour, minute, second int
	fraction             string // with its point; ""
}

// readClock reads hh:mm:ss with an optional fraction.
func readClock(s string) (m moment, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' || !digits(s[:2]) || !digits(s[3:5]) || !digits(s[6:8]) {
		return m, false
	}
	m = moment{number(s[:2]), number(s[3:5]), number(s[6:8]), s[8:]}
	fraction, point := strings.CutPrefix(m.fraction, ".")
	if m.fraction != "" && (!point || !digits(fraction)) {
		return m, false
	}
	return m, m.hour < 24 && m.minute < 60 && m.second < 60
}

// zeroDate is how a column of this type writes the zero date, "" if it has none.
func zeroDate(typ string, scale int) string {
	switch typ {
	case "date":
		return "0000-00-00"
	case "datetime", "timestamp":
		return "0000-00-00" + midnight(scale)
	}
	return ""
}

// midnight is what stands behind a date in a column with so many digits of a second.
func midnight(scale int) string {
	if scale == 0 {
		return " 00:00:00"
	}
	return " 00:00:00." + strings.Repeat("0", scale)
}
