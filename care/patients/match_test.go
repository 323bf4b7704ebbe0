package patients

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// matches are the ids and grades of an answer.
func (t *story) matches(list string) string {
	t.Helper()
	r, err := t.call(t.desk, "match", list)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for e := range r.Get("entry").Items() {
		s := e.Get("search")
		grade := s.Get("extension").At(0)
		if grade.Get("url").Str() != "http://hl7.org/fhir/StructureDefinition/match-grade" || s.Get("mode").Str() != "match" || !s.Get("score").Exists() ||
			e.Get("fullUrl").Str() != "http://here/fhir/Patient/"+e.Get("resource").Get("id").Str() {
			t.Errorf("an entry is %s", e.Raw())
		}
		out = append(out, e.Get("resource").Get("id").Str()+" "+grade.Get("valueCode").Str())
	}
	return strings.Join(out, ", ")
}

func sent(patient string) string {
	return `{"name":"resource","resource":{"resourceType":"Patient",` + patient + `}}`
}

const marie = `"name":[{"family":"Lefèvre","given":["Marie","Anne"]}],"birthDate":"1950-03-12","gender":"female"`

// TestWhoIsMeant: the ways in which one person is written twice, and those who are somebody else.
func TestWhoIsMeant(t *testing.T) {
	both(t, func(t *story) {
		t.put(`{"resourceType":"Patient","id":"marie",` + marie + `,"identifier":[{"system":"http://s","value":"77"}],
			"telecom":[{"system":"phone","value":"(514) 555-0199"},{"system":"email","value":"MARIE@example.org"}],
			"address":[{"line":["12 rue Principale"],"city":"Montréal","postalCode":"H2X 1Y4"}]}`)
		t.put(`{"resourceType":"Patient","id":"twin","name":[{"family":"Lefèvre","given":["Jeanne"]}],"birthDate":"1950-03-12","gender":"female","identifier":[{"system":"http://s","value":"78"}]}`)
		t.put(`{"resourceType":"Patient","id":"late","name":[{"family":"Haddad","given":["Omar"]}],"birthDate":"1940-07-01","gender":"male","deceasedDateTime":"2020-01-01"}`)
		for what, want := range map[string]struct{ patient, first string }{
			"the same":               {marie, "marie certain"},
			"without accents":        {`"name":[{"family":"LEFEVRE","given":["marie"]}],"birthDate":"1950-03-12","gender":"female"`, "marie certain"},
			"a slip in the family":   {`"name":[{"family":"Lefevbre","given":["Marie"]}],"birthDate":"1950-03-12","gender":"female"`, "marie certain"},
			"a wrong first letter":   {`"name":[{"family":"Zefevre","given":["Marie"]}],"birthDate":"1950-03-12"`, "marie certain"},
			"names changed over":     {`"name":[{"family":"Marie","given":["Lefevre"]}],"birthDate":"1950-03-12","gender":"female"`, "marie certain"},
			"day and month changed":  {`"name":[{"family":"Lefèvre","given":["Marie"]}],"birthDate":"1950-12-03","gender":"female"`, "marie probable"},
			"one digit of the date":  {`"name":[{"family":"Lefèvre","given":["Marie"]}],"birthDate":"1959-03-12","gender":"female"`, "marie probable"},
			"an identifier alone":    {`"identifier":[{"system":"http://s","value":"77"}]`, "marie certain"},
			"number written so":      {`"name":[{"family":"Lefevre","given":["Marie"]}],"telecom":[{"value":"+1 514 555 0199"}]`, "marie probable"},
			"mail and birth date":    {`"birthDate":"1950-03-12","telecom":[{"system":"email","value":"marie@example.org"}]`, "marie probable"},
			"where she lives":        {`"name":[{"family":"Lefèvre","given":["Marie"]}],"address":[{"line":["12, rue Principale"],"postalCode":"H2X1Y4"}]`, "marie probable"},
			"another of that name":   {`"name":[{"family":"Lefèvre","given":["Marie"]}],"birthDate":"1987-10-30","gender":"female"`, ""},
			"nobody":                 {`"name":[{"family":"Nobody","given":["Nemo"]}],"birthDate":"1900-01-01"`, ""},
			"one who has died":       {`"name":[{"family":"Haddad","given":["Omar"]}],"birthDate":"1940-07-01","gender":"male"`, "late probable"},
			"one known to have died": {`"name":[{"family":"Haddad","given":["Omar"]}],"birthDate":"1940-07-01","gender":"male","deceasedBoolean":true`, "late certain"},
		} {
			if got := t.matches(sent(want.patient)); got != want.first && !strings.HasPrefix(got, want.first+", ") || want.first == "" && got != "" {
				t.Errorf("%s: %q, want %q first", what, got, want.first)
			}
		}
	})
}

// TestHowMany: count, certain ones only, a deterministic order, and who was merged.
func TestHowMany(t *testing.T) {
	both(t, func(t *story) {
		for _, id := range []string{"c", "a", "b"} {
			t.put(`{"resourceType":"Patient","id":"` + id + `",` + marie + `}`)
		}
		const only = `,{"name":"onlyCertainMatches","valueBoolean":true}`
		if got := t.matches(sent(marie)); got != "a certain, b certain, c certain" {
			t.Error(got)
		}
		if got := t.matches(sent(marie) + `,{"name":"count","valueInteger":2}`); got != "a certain, b certain" {
			t.Error(got)
		}
		if got := t.matches(sent(marie) + only); got != "" {
			t.Errorf("of several none is certain: %s", got)
		}
		t.merge("a", "b")
		if got := t.matches(sent(marie)); got != "b certain, c certain" {
			t.Error(got)
		}
		t.merge("b", "c")
		t.put(`{"resourceType":"Patient","id":"c","name":[{"family":"Roy","given":["Marie"]}],"birthDate":"1950-03-12","gender":"female","link":[{"other":{"reference":"Patient/b"},"type":"replaces"}]}`)
		if got := t.matches(sent(marie) + only); got != "c certain" {
			t.Errorf("a survivor is not found by the name of who was merged: %s", got)
		}
	})
}

// TestSurvivorsElsewhere: who was merged into a patient of another server is not the one who has that id here.
func TestSurvivorsElsewhere(t *testing.T) {
	both(t, func(t *story) {
		t.put(`{"resourceType":"Patient","id":"b","name":[{"family":"Haddad","given":["Omar"]}],"birthDate":"1940-07-01","gender":"male"}`)
		t.put(`{"resourceType":"Patient","id":"a",` + marie + `,"active":false,"link":[{"other":{"reference":"http://elsewhere.test/fhir/Patient/b"},"type":"replaced-by"}]}`)
		if got := t.matches(sent(marie)); got != "" {
			t.Errorf("found %q", got)
		}
	})
}

// TestTooMuchToMatch: what is sent decides how many searches are made, so there is an end to it.
func TestTooMuchToMatch(t *testing.T) {
	both(t, func(t *story) {
		var names, addresses []string
		for i := range 100 {
			names = append(names, fmt.Sprintf(`{"family":"Name%d","given":["G%d"]}`, i, i))
			addresses = append(addresses, fmt.Sprintf(`{"postalCode":"%d"}`, 10000+i))
		}
		_, err := t.call(t.desk, "match", sent(`"name":[`+strings.Join(names, ",")+`],"address":[`+strings.Join(addresses, ",")+`]`))
		t.refused("10,000 pairs", err, fault.Invalid, "fewer")
	})
}

func TestMatchRefusals(t *testing.T) {
	both(t, func(t *story) {
		for _, patient := range []string{`"gender":"female"`, `"name":[{"family":"Roy"}]`, `"birthDate":"1950-03-12"`, `"name":[{"family":"Roy"}],"birthDate":"1950"`, `"identifier":[{"system":"http://s"}]`} {
			_, err := t.call(t.desk, "match", sent(patient))
			t.refused(patient, err, fault.Invalid, "too little to tell people apart")
		}
		_, err := t.call(t.desk, "match", sent(marie)+`,{"name":"count","valueInteger":0}`)
		t.refused("count", err, fault.Invalid, "from 1")
		_, err = t.call(t.desk, "match", `{"name":"resource","resource":{"resourceType":"Group"}}`)
		t.refused("no patient", err, fault.Invalid, "of type Patient")
		_, err = t.call(t.store.As(principal(t.T, "system/Basic.cruds")), "match", sent(marie))
		t.refused("rights", err, fault.Forbidden, "Patient")
	})
}

// TestRecallAndPrecision measures on made-up people, each of whom is asked for again with the errors that registers hold.
func TestRecallAndPrecision(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const people, asked = 2000, 100
	both(t, func(t *story) {
		crowd := make([]person, people)
		for i := range crowd {
			crowd[i] = somebody(r, crowd[:i])
		}
		for from := 0; from < people; from += 500 {
			err := t.desk.Write(t.Context(), func(c *store.Change) error {
				for i := from; i < from+500; i++ {
					c.Update(parse(t.T, crowd[i].patient(fmt.Sprintf("p%d", i))))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		found, first, wrong := 0, 0, 0
		for n := range asked {
			i := r.IntN(people)
			answer := t.matches(`{"name":"resource","resource":` + crowd[i].slipped(r, 1+n%2).patient("") + `}`)
			me := fmt.Sprintf("p%d ", i)
			if strings.Contains(", "+answer, ", "+me) {
				found++
			}
			if strings.HasPrefix(answer, me) {
				first++
			}
			for one := range strings.SplitSeq(answer, ", ") {
				if strings.HasSuffix(one, certain) && !strings.HasPrefix(one, me) {
					wrong++
				}
			}
		}
		strangers := 0
		for range asked {
			if answer := t.matches(`{"name":"resource","resource":` + somebody(r, crowd[:0]).patient("") + `}`); strings.Contains(answer, certain) {
				strangers++
			}
		}
		t.Logf("of %d asked for with one or two errors: %d found, %d first, %d others certain; of %d unknown: %d certain", asked, found, first, wrong, asked, strangers)
		if found < asked*97/100 || first < asked*95/100 || wrong > asked*2/100 || strangers > asked/100 {
			t.Errorf("found %d, first %d, others certain %d, unknown certain %d of %d", found, first, wrong, strangers, asked)
		}
	})
}

// person is a made-up one. Families share names, addresses and numbers, which is what makes matching hard.
type person struct{ family, given, middle, born, gender, phone, line, postal string }

func syllables(r *rand.Rand, n int) string {
	const list = "ba be bo da de di fa ga go ka ke ki la le lo ma me mi na ne no pa pe ra re ri sa se so ta te ti va ve vo"
	all := strings.Fields(list)
	var out strings.Builder
	for range n {
		out.WriteString(all[min(r.IntN(len(all)), r.IntN(len(all)))]) // some are common
	}
	return out.String()
}

func somebody(r *rand.Rand, before []person) person {
	p := person{family: syllables(r, 3), phone: fmt.Sprintf("514-%03d-%04d", r.IntN(1000), r.IntN(10000)),
		line: fmt.Sprintf("%d rue %s", 1+r.IntN(300), syllables(r, 2)), postal: fmt.Sprintf("H%dX %dY%d", r.IntN(10), r.IntN(10), r.IntN(10))}
	if len(before) > 0 && r.IntN(3) == 0 {
		kin := before[r.IntN(len(before))]
		p.family, p.phone, p.line, p.postal = kin.family, kin.phone, kin.line, kin.postal
	}
	p.given, p.middle, p.gender = syllables(r, 2), syllables(r, 2), []string{"male", "female"}[r.IntN(2)]
	p.born = fmt.Sprintf("%d-%02d-%02d", 1930+r.IntN(90), 1+r.IntN(12), 1+r.IntN(28))
	return p
}

// slipped is the person with so many errors, each in another thing.
func (p person) slipped(r *rand.Rand, n int) person {
	for _, k := range r.Perm(8)[:n] {
		switch k {
		case 0:
			p.family = slip(r, p.family)
		case 1:
			p.given = slip(r, p.given)
		case 2:
			p.family, p.given = p.given, p.family
		case 3:
			p.born = p.born[:5] + p.born[8:] + "-" + p.born[5:7]
			if p.born[5:7] > "12" {
				p.born = p.born[:5] + "12" + p.born[7:]
			}
		case 4:
			i := 2 + r.IntN(2)
			p.born = p.born[:i] + string('0'+byte(r.IntN(10))) + p.born[i+1:]
		case 5:
			p.phone = ""
		case 6:
			p.line, p.postal = fmt.Sprintf("%d rue %s", 1+r.IntN(300), syllables(r, 2)), "J1J 1J1"
		case 7:
			p.gender = ""
		}
	}
	p.middle = ""
	return p
}

func slip(r *rand.Rand, s string) string {
	i := r.IntN(len(s) - 1)
	switch r.IntN(4) {
	case 0:
		return s[:i] + s[i+1:]
	case 1:
		return s[:i] + string('a'+byte(r.IntN(26))) + s[i:]
	case 2:
		return s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]
	}
	return s[:i] + string('a'+byte(r.IntN(26))) + s[i+1:]
}

func (p person) patient(id string) string {
	o := fhir.NewObject().Set("resourceType", "Patient")
	if id != "" {
		o.Set("id", id)
	}
	given := (&fhir.List{}).Add(p.given)
	if p.middle != "" {
		given.Add(p.middle)
	}
	o.Set("name", (&fhir.List{}).Add(fhir.NewObject().Set("family", p.family).Set("given", given))).Set("birthDate", p.born)
	if p.gender != "" {
		o.Set("gender", p.gender)
	}
	if p.phone != "" {
		o.Set("telecom", (&fhir.List{}).Add(fhir.NewObject().Set("system", "phone").Set("value", p.phone)))
	}
	return string(o.Set("address", (&fhir.List{}).Add(fhir.NewObject().Set("line", (&fhir.List{}).Add(p.line)).Set("postalCode", p.postal))).JSON())
}
