package patients

import (
	"slices"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// blocks are the searches that find candidates. Each is answered by an index and rare among a million people: by identifier,
// by telecom, by the day of birth, by the beginning of a name with a day of birth that is written almost so, by both names,
// and by family name and postal code. Who is not found by one is found by another, unless several things are wrong at once.
func blocks(t traits) (list []search.Query, err error) {
	b := &blocking{}
	b.identifiers(t)
	b.telecoms(t)
	if t.born != "" {
		b.add(pairOf("birthdate", t.born))
	}
	for _, n := range t.names {
		b.named(t, n)
	}
	return b.list, b.err
}

// maxBlocks is how many searches one match may make.
const maxBlocks = 100

type blocking struct {
	list []search.Query
	err  error
}

func (b *blocking) add(pairs ...search.Pair) {
	if b.err != nil {
		return
	}
	if len(b.list) == maxBlocks {
		b.err = fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Expression: "Patient",
			Text: "this would be looked for in more than 100 ways; send fewer identifiers, names, telecoms and addresses"})
		return
	}
	q, err := query(pairs...)
	if b.err = err; err == nil {
		b.list = append(b.list, q)
	}
}

func query(pairs ...search.Pair) (search.Query, error) {
	q, _, err := search.Parse("Patient", pairs, search.Strict)
	return q, err
}

// pairOf is a parameter with any of the values.
func pairOf(name string, values ...string) search.Pair {
	p := search.Pair{Name: name}
	for i, v := range values {
		if i > 0 {
			p.Value += ","
		}
		p.Value += search.Escape(v)
	}
	return p
}

func (b *blocking) identifiers(t traits) {
	for _, i := range t.identifiers {
		text := search.Escape(i.value)
		if i.system != "" {
			text = search.Escape(i.system) + "|" + text
		}
		b.add(search.Pair{Name: "identifier", Value: text})
	}
}

// telecoms looks for what was written, and for its bare digits.
func (b *blocking) telecoms(t traits) {
	for _, c := range t.telecoms {
		spellings := []string{c.written, c.key}
		if d := digits(c.written); d != "" && d == digits(c.key) || len(d) >= 6 {
			spellings = append(spellings, d, "+"+d)
		}
		slices.Sort(spellings)
		b.add(pairOf("telecom", slices.Compact(spellings)...))
	}
}

// named are the blocks of a name. What was written as the family name may be a given name, and the other way round.
func (b *blocking) named(t traits, n name) {
	if dates := almost(t.born); len(dates) > 0 {
		b.add(pairOf("name", n.starts()...), pairOf("birthdate", dates...))
	}
	if n.family == "" {
		return
	}
	for _, a := range t.addresses {
		if a.postal != "" {
			b.add(pairOf("family", start(n.family, 4)), pairOf("address-postalcode", a.postal))
		}
	}
	if len(n.given) > 0 {
		b.add(pairOf("family", n.family), pairOf("given", n.given[0]))
		b.add(pairOf("family", n.given[0]), pairOf("given", n.family))
	}
}

// starts are the beginnings of family and first given name, whichever of them is which.
func (n name) starts() (list []string) {
	if n.family != "" {
		list = append(list, start(n.family, 3))
	}
	if len(n.given) > 0 {
		list = append(list, start(n.given[0], 3))
	}
	return list
}

// start is the first letters of a word.
func start(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

// almost are the days that a date of birth may mean: day and month changed over, or one digit another.
func almost(born string) (dates []string) {
	if born == "" {
		return nil
	}
	add := func(s string) {
		if t, err := time.Parse(time.DateOnly, s); err == nil && s != born && t.Year() > 1800 {
			dates = append(dates, s)
		}
	}
	add(born[:5] + born[8:] + "-" + born[5:7])
	for i := range born {
		if born[i] == '-' {
			continue
		}
		for d := byte('0'); d <= '9'; d++ {
			add(born[:i] + string(d) + born[i+1:])
		}
	}
	slices.Sort(dates)
	return slices.Compact(dates)
}
