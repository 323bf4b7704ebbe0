package path

import (
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

var seeds = []string{
	"Patient.name.where(use = 'official').given.first()", "1 + 2 * -3 div 4 mod 5", "@2020-01-01T10:00:00.5+02:00 + 3 'd'", "a.b[0] | c.d",
	"'x\\u0041'.matches('[a-z]+') and `q w`.exists()", "%`vs-a` in ('b' | 'c')", "iif($this is Patient, $index, $total)", "{} ~ {}",
	"repeat(children()).ofType(Quantity)", "1.5 'mg'.lowBoundary(2)", "@T10:30.highBoundary()", "descendants().sort(-$this)", "'a'.replace('', 'b').toChars()",
	"(1|2).aggregate($this + $total, 0)", "contained.resolve().extension('u').value.toQuantity('kg')", "4 days < 1 week /* c */ // d", "name.as(string).toString() & ''",
	"2.power(0.5).round(3).log(10).exp()", "birthDate + 1 year - 3 months", "text.div.htmlChecks()", "value * 2 'cm' / 3 's'",
}

// FuzzCompile: a text compiles or is refused with its place.
func FuzzCompile(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, p := range r4.Params("Observation") {
		f.Add(p.Expression)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Compile(src)
		if err == nil {
			_ = e.Check("Patient")
			return
		}
		if x := fault.Find(err); x == nil || x.Kind != fault.TooLarge && (x.Kind != fault.Invalid || x.Issues[0].Line < 1 || x.Issues[0].Col < 1) {
			t.Fatalf("%q: %v", src, err)
		}
	})
}

// FuzzEval: an evaluation ends with a result or a fault, whatever the expression and the resource.
func FuzzEval(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, []string{patient, observation, `{"resourceType":"Basic","id":null,"_id":[{}],"text":{"div":"<div>"}}`}[i%3])
	}
	f.Fuzz(func(t *testing.T, src, doc string) {
		e, err := Compile(src)
		if err != nil {
			return
		}
		r, err := fhir.Parse([]byte(doc), fhir.Limits{Bytes: 1 << 16})
		if err != nil {
			return
		}
		ctx := contextForTests()
		ctx.MaxSteps = 20_000
		began := time.Now()
		out, err := e.Eval(ctx, Root(r))
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("%q took %v", src, took)
		}
		if err != nil && fault.Find(err) == nil {
			t.Fatalf("%q: not a fault: %v", src, err)
		}
		for _, n := range out {
			_ = n.AppendJSON(nil)
			_ = n.Type() + n.Str() + n.Kind()
		}
	})
}
