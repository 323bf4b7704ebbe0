package path

import (
	"testing"

	"github.com/ficushealth/ficus/suites"
)

// benchmarked are expressions of each kind of work: what search parameters, invariants and people ask.
var benchmarked = []string{
	"Patient.birthDate",
	"Patient.name.given",
	"Patient.telecom.where(system = 'phone').value",
	"(Patient.deceased as dateTime)",
	"Patient.deceased.exists() and Patient.deceased != false",
	"Patient.name.family | Patient.name.given",
	"Patient.link.other.resolve()",
	"contact.all(name.exists() or telecom.exists() or address.exists() or organization.exists())",
	"text.`div`.htmlChecks()",
	"contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists()).not()).trace('unmatched', id).empty()",
	"Patient.descendants().count()",
	"name.given.select($this.upper() & '!').join(',')",
	"birthDate + 3 months > @1975-01-01",
	"birthDate < today()",
	"(1 | 2 | 3).aggregate($this + $total, 0)",
	"1.5 'kg' + 20 'g' > 1500 'g'",
	"name.given.where(matches('^[A-Z][a-z]+$')).count()",
	"extension('http://x/y').value",
	"name.ofType(HumanName).where(use = 'official').family",
}

// BenchmarkPatient evaluates each on the Patient example of R4.
func BenchmarkPatient(b *testing.B) {
	root := Root(readInput(b, suites.Path(b, "fhirpath-r4", "r4"), "patient-example.xml"))
	ctx := contextForTests()
	for _, expression := range benchmarked {
		e, err := CompileR4(expression)
		if err != nil {
			b.Fatal(expression, err)
		}
		b.Run(expression, func(b *testing.B) {
			room := make([]Node, 0, 64)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.EvalInto(ctx, root, room); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompile reads the longest of them.
func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CompileR4(benchmarked[9]); err != nil {
			b.Fatal(err)
		}
	}
}
