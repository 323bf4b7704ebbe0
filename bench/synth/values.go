package synth

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

type concept struct{ code, text string }

// measure is something that is measured, with a usual range.
type measure struct {
	concept
	unit     string
	low, top float64
}

var measures = [...]measure{
	{concept{"8302-2", "body height"}, "cm", 48, 195}, {concept{"29463-7", "body weight"}, "kg", 3, 110},
	{concept{"39156-5", "body mass index"}, "kg/m2", 14, 41}, {concept{"8867-4", "heart rate"}, "/min", 52, 120},
	{concept{"9279-1", "respiratory rate"}, "/min", 11, 24}, {concept{"8310-5", "body temperature"}, "Cel", 36, 40},
	{concept{"2339-0", "glucose"}, "mg/dL", 64, 180}, {concept{"3094-0", "urea nitrogen"}, "mg/dL", 6, 24},
	{concept{"38483-4", "creatinine"}, "mg/dL", 0.5, 3.5}, {concept{"49765-1", "calcium"}, "mg/dL", 8, 11},
	{concept{"2947-0", "sodium"}, "mmol/L", 132, 147}, {concept{"6298-4", "potassium"}, "mmol/L", 3.4, 5.4},
	{concept{"2069-3", "chloride"}, "mmol/L", 98, 112}, {concept{"20565-8", "carbon dioxide"}, "mmol/L", 19, 31},
	{concept{"2093-3", "cholesterol"}, "mg/dL", 130, 290}, {concept{"2571-8", "triglycerides"}, "mg/dL", 60, 310},
	{concept{"2085-9", "HDL cholesterol"}, "mg/dL", 24, 80}, {concept{"18262-6", "LDL cholesterol"}, "mg/dL", 40, 190},
	{concept{"6690-2", "leukocytes"}, "10*3/uL", 3.2, 12}, {concept{"789-8", "erythrocytes"}, "10*6/uL", 3.6, 5.9},
	{concept{"718-7", "hemoglobin"}, "g/dL", 10, 18}, {concept{"4544-3", "hematocrit"}, "%", 31, 52},
	{concept{"777-3", "platelets"}, "10*3/uL", 140, 440}, {concept{"4548-4", "hemoglobin A1c"}, "%", 4.6, 11},
	{concept{"72514-3", "pain"}, "{score}", 0, 10}, {concept{"33914-3", "filtration rate"}, "mL/min", 38, 120},
}

var problems = [...]concept{
	{"38341003", "high blood pressure"}, {"44054006", "diabetes, type 2"}, {"195662009", "sore throat"}, {"10509002", "bronchitis"},
	{"444814009", "sinusitis"}, {"162864005", "obesity"}, {"271737000", "anemia"}, {"15777000", "prediabetes"}, {"55822004", "raised lipids"},
	{"195967001", "asthma"}, {"65363002", "ear infection"}, {"44465007", "sprained ankle"},
}

var drugs = [...]concept{
	{"314076", "lisinopril 10 mg"}, {"860975", "metformin 500 mg"}, {"308136", "amlodipine 2.5 mg"}, {"313782", "paracetamol 325 mg"},
	{"310798", "hydrochlorothiazide 25 mg"}, {"198405", "ibuprofen 100 mg"}, {"314231", "simvastatin 10 mg"}, {"308192", "amoxicillin 500 mg"},
}

var acts = [...]concept{
	{"430193006", "medication review"}, {"710824005", "needs assessment"}, {"171207006", "depression screening"}, {"23426006", "spirometry"},
	{"252160004", "pregnancy test"}, {"399208008", "chest x-ray"},
}

var vaccines = [...]concept{{"140", "influenza"}, {"08", "hepatitis B"}, {"113", "tetanus"}, {"133", "pneumococcus"}, {"03", "measles"}}

var visits = [...]concept{{"162673000", "general check"}, {"185345009", "visit for a symptom"}, {"185349003", "check-up"}, {"50849002", "emergency"}}

var syllables = strings.Fields("ba bel cor dan del fer gan hol jor kas lan lem mar men nol or pas per ran rod sal sen tal tor ul van vel wes yan zim")

type person struct {
	family, given, gender string
	born                  time.Time
	number                int // a social number, in a block that is given to nobody
}

func name(r *rand.Rand) person {
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		s := b.String()
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return person{
		family: word(3), given: word(2), gender: []string{"female", "male"}[r.IntN(2)],
		born: time.Date(1930+r.IntN(92), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC), number: r.IntN(1e9),
	}
}

// note is base64 of some length.
func note(r *rand.Rand, bytes int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var b strings.Builder
	for b.Len() < bytes {
		word := []string{"CiMgSGlzdG9yeQpQYXRpZW50", "IGlzIGluIGdvb2QgaGVhbHRo", "Cgojbm8ga25vd24gYWxsZXJn", "aWVzLiBNZWRpY2F0aW9ucyBo"}[r.IntN(4)]
		b.WriteString(word)
		for range 8 {
			b.WriteByte(letters[r.IntN(len(letters))])
		}
	}
	return b.String()[:bytes/4*4]
}

func instant(t time.Time) string { return t.Format("2006-01-02T15:04:05-05:00") }

func money(r *rand.Rand, top float64) string { return fmt.Sprintf("%.2f", 10+r.Float64()*top) }
