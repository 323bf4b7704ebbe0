package patients

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// traits are what tells people apart, in the form in which it is compared.
type traits struct {
	identifiers []identifier
	names       []name
	born        string // YYYY-MM-DD; shorter dates tell too little
	gender      string
	telecoms    []telecom
	addresses   []address
	dead        bool
}

type identifier struct{ system, value string }

type name struct {
	family string
	given  []string
}

type telecom struct {
	written string // as it came
	key     string // what is compared: the last nine digits of a number, a mail address in lower case
}

type address struct{ line, city, postal string }

func traitsOf(r fhir.Resource) (t traits) {
	for i := range r.Get("identifier").Items() {
		if v := strings.TrimSpace(i.Get("value").Str()); v != "" {
			t.identifiers = append(t.identifiers, identifier{i.Get("system").Str(), v})
		}
	}
	for n := range r.Get("name").Items() {
		t.addName(n)
	}
	if d := r.Get("birthDate").Str(); len(d) == len("2006-01-02") {
		t.born = d
	}
	t.gender = r.Get("gender").Str()
	for c := range r.Get("telecom").Items() {
		t.addTelecom(c.Get("value").Str())
	}
	for a := range r.Get("address").Items() {
		t.addAddress(a)
	}
	death := r.Get("deceasedBoolean")
	t.dead = death.IsTrue() || r.Get("deceasedDateTime").Exists()
	return t
}

func (t *traits) addName(n fhir.Value) {
	one := name{family: folded(n.Get("family").Str())}
	for g := range n.Get("given").Items() {
		one.given = append(one.given, strings.Fields(folded(g.Str()))...)
	}
	if one.family != "" || len(one.given) > 0 {
		t.names = append(t.names, one)
	}
}

// folded is a text without accents, case and punctuation.
func folded(s string) string {
	return strings.Join(strings.FieldsFunc(index.Normalize(s), func(r rune) bool { return strings.ContainsRune(" -'’.,", r) }), " ")
}

func (t *traits) addTelecom(value string) {
	value = strings.TrimSpace(value)
	key := strings.ToLower(value)
	if !strings.Contains(value, "@") {
		if key = digits(value); len(key) < 6 {
			return
		}
		key = key[max(0, len(key)-9):]
	}
	t.telecoms = append(t.telecoms, telecom{value, key})
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (t *traits) addAddress(a fhir.Value) {
	var lines []string
	for l := range a.Get("line").Items() {
		lines = append(lines, folded(l.Str()))
	}
	one := address{strings.Join(lines, " "), folded(a.Get("city").Str()), strings.ReplaceAll(folded(a.Get("postalCode").Str()), " ", "")}
	if one != (address{}) {
		t.addresses = append(t.addresses, one)
	}
}

// enough reports whether this can tell people apart.
func (t traits) enough() bool {
	named, fully := len(t.names) > 0, slices.ContainsFunc(t.names, func(n name) bool { return n.family != "" && len(n.given) > 0 })
	reached := len(t.telecoms) > 0
	placed := slices.ContainsFunc(t.addresses, func(a address) bool { return a.postal != "" })
	born := t.born != ""
	return len(t.identifiers) > 0 || named && born || fully && (reached || placed) || reached && born
}
