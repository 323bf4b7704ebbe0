package validate

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// matchers are the functions that stand in for the regular expressions of the specification.
var matchers = map[string]func(string) bool{
	"base64Binary": isBase64Text, "canonical": isURI, "code": isCode, "date": isDate, "dateTime": isDateTime, "id": fhir.IsID,
	"instant": isInstant, "oid": isOID, "time": isTime, "uri": isURI, "url": isURI, "uuid": isUUID,
}

func published(name string) *regexp.Regexp {
	return regexp.MustCompile(`\A(?:` + r4.Lookup(name).Regex + `)\z`)
}

func FuzzFormsAreThoseOfTheSpecification(f *testing.F) {
	for _, s := range []string{
		"", "a", "a b", " a", "a\tb", "aGk=", "aGk=\r\n", "2020", "2020-02", "2020-02-29", "2020-02-30", "0000-01-01", "2020-02-29T23:59:60Z",
		"2020-02-29T23:59:60.5+13:59", "2020-02-29T23:59:60-14:00", "2020-02-29T23:59:60+14:30", "23:59:60", "23:59:60.", "urn:oid:1.2.3", "urn:oid:1.02",
		"urn:uuid:01234567-89ab-cdef-0123-456789abcdef", "10000", "2020-1", "2020-12-32", "2020-02-29T", "2020-02-29T23:59:60", "2020-02T00:00:00Z", "urn:oid:",
	} {
		f.Add(s)
	}
	forms := map[string]*regexp.Regexp{}
	for name := range matchers {
		forms[name] = published(name)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, is := range matchers {
			if got, want := is(s), forms[name].MatchString(s); got != want {
				t.Errorf("%s %q: %v, the specification says %v", name, s, got, want)
			}
		}
	})
}

func FuzzWholeNumbers(f *testing.F) {
	for _, s := range []string{"0", "-0", "1", "-1", "2147483647", "2147483648", "-2147483648", "-2147483649", "1.0", "1e3", "-1.5E-3", "99999999999999999999"} {
		f.Add(s)
	}
	least := map[string]int64{"integer": -1 << 31, "unsignedInt": 0, "positiveInt": 1}
	is := map[string]func(string) bool{"integer": isInteger, "unsignedInt": isUnsignedInt, "positiveInt": isPositiveInt}
	f.Fuzz(func(t *testing.T, s string) {
		if !json.Valid([]byte(s)) || strings.Trim(s, "0123456789-+.eE") != "" {
			return
		}
		for name, low := range least {
			n, whole := new(big.Int).SetString(s, 10)
			want := published(name).MatchString(s) && whole && n.Cmp(big.NewInt(low)) >= 0 && n.Cmp(big.NewInt(1<<31-1)) <= 0
			if got := is[name](s); got != want {
				t.Errorf("%s %q: %v, want %v", name, s, got, want)
			}
		}
	})
}

func TestEveryPrimitiveHasAForm(t *testing.T) {
	for _, info := range r4.Types() {
		if f := forms()[info.ID]; (info.Kind == r4.Primitive) != (f.kind != fhir.Absent) {
			t.Errorf("%s: form %+v", info.Name, f)
		}
	}
}

func TestDaysOfMonths(t *testing.T) {
	for s, want := range map[string]bool{
		"2024-02-29": true, "2023-02-29": false, "1900-02-29": false, "2000-02-29": true, "2023-06-31": false, "2023-07-31": true, "2023": true, "2023-02": true,
	} {
		if got := dayExists(s); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}
