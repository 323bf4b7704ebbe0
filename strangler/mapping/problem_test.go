package mapping

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ficushealth/ficus/fault"
)

// TestMistakesAreNamedByTheirPlace pairs a rule, which stands in line 16, with what is said about it.
func TestMistakesAreNamedByTheirPlace(t *testing.T) {
	for rule, want := range map[string]string{
		"{column: nmae, to: name.text}":                                                    `m.yaml:16:14: Clinic.person has no column nmae; did you mean name?`,
		"{column: name, to: nam.text}":                                                     `m.yaml:16:24: Patient has no element "nam"; did you mean name?`,
		"{column: name, to: name.txt}":                                                     `m.yaml:16:24: Patient.name has no element "txt"; did you mean text?`,
		"{column: name, to: name}":                                                         `m.yaml:16:5: Patient.name is a HumanName: name a part of it, or say how: terms, ref, as: present`,
		"{column: name, to: birthDate.x}":                                                  `m.yaml:16:24: Patient.birthDate has no parts that a path could name`,
		"{column: name, to: deceased}":                                                     `m.yaml:16:24: Patient has no element "deceased"`,
		"{column: name, to: birthDate}":                                                    `m.yaml:16:5: Patient.birthDate is a date, but column name is varchar(50)`,
		"{column: name, to: name.text, zon: x}":                                            `m.yaml:16:35: "zon" is not known here; did you mean on or zone?`,
		"{column: name, column: sex, to: name.text}":                                       `m.yaml:16:20: YAML: mapping key "column" already defined`,
		"{column: name}":                                                                   `m.yaml:16:5: a rule says where to: either to: (a path) or extension: (a name)`,
		"{to: name.text}":                                                                  `m.yaml:16:5: a rule names exactly one of column, child, derive, value`,
		"{column: name, to: identifier(kay).value}":                                        `m.yaml:16:24: slice "kay" is not described: slices: {"identifier(kay)": {...}} says what its items hold`,
		"{column: name, to: identifier(key).value}":                                        `m.yaml:16:5: Patient.identifier.value has a rule already`,
		"{column: id, to: name.text}":                                                      `m.yaml:16:14: column Clinic.person.id has a rule already, at m.yaml:14:14; one of the two must be a derive`,
		"{column: sex, to: gender, terms: sexes}":                                          `m.yaml:16:38: there is no terminology map sexes; did you mean sex?; it would be terms/sexes.csv`,
		"{column: sex, to: maritalStatus, terms: sex}":                                     ``,
		"{column: sex, to: contact.organization, terms: sex}":                              `m.yaml:16:52: Patient.contact.organization is a Reference, which holds no code`,
		"{column: died, to: deceasedDateTime, zone: Mars/Olympus}":                         `m.yaml:16:48: there is no time zone "Mars/Olympus"`,
		"{column: name, to: name.text, cel: row.name}":                                     `m.yaml:16:40: a computed column needs its way back: inverse: an expression over value`,
		"{column: name, to: name.text, cel: row.nam, inverse: value}":                      `m.yaml:16:43: expression: undefined field 'nam'`,
		"{column: name, to: name.text, cel: size(row.name), inverse: value}":               `m.yaml:16:40: expression: it gives int, not string`,
		"{derive: nonsense(1), to: name.text}":                                             `m.yaml:16:22: expression: undeclared reference to 'nonsense'`,
		"{column: nick, extension: nick, type: strin}":                                     `m.yaml:16:43: an extension cannot hold a strin; did you mean string?`,
		"{column: nick, extension: nick}":                                                  `m.yaml:16:5: say what the extension holds: type: string`,
		"{column: flag, to: active, as: quantity}":                                         `m.yaml:16:36: Patient.active is a boolean and cannot be written as "quantity"`,
		"{column: flag, to: meta.tag, as: present}":                                        `m.yaml:16:5: as: present needs a slice: to: meta.tag(test), and under slices what it holds`,
		"{column: boss, to: managingOrganization, ref: {map: clinic.pers}}":                `m.yaml:16:57: there is no map clinic.pers; did you mean clinic.person?`,
		"{column: boss, to: managingOrganization, ref: {map: clinic.person, lookup: bos}}": `m.yaml:16:80: the map has no lookup "bos"; did you mean boss?`,
		"{value: femal, to: gender}":                                                       `m.yaml:16:5: Patient.gender cannot be "femal": the value set http://hl7.org/fhir/ValueSet/administrative-gender does not have it`,
		"{value: {a: 1}, to: gender}":                                                      `m.yaml:16:5: Patient.gender is a code, which this value is not`,
		"{column: nick, to: name.text, null: absent, empty: absent}":                       `m.yaml:16:56: two states of the column would both be absent, so there is no way back; give this one: mark`,
		"{column: nick, to: name.text, null: lost}":                                        `m.yaml:16:41: "null" cannot be "lost"`,
		"{column: name, to: name.text, expect: '['}":                                       "m.yaml:16:43: expect: error parsing regexp: missing closing ]: `[`",
		"{column: name, to: name.text, when: row.id == 1}":                                 `m.yaml:16:41: a column with a condition needs a second place: else`,
		"{child: phones, to: telecom(phone)}":                                              `m.yaml:16:13: the map has no child "phones"; did you mean phone?`,
		"{child: phone, to: birthDate}":                                                    `m.yaml:16:5: Patient.birthDate does not hold the rows of a child: it must be an object that repeats`,
		"- a list":                                                                         `m.yaml:16:5: a mapping of names to values is expected here`,
		"{column: [name], to: name.text}":                                                  `m.yaml:16:14: a single value is expected here; write '' around it if it is one`,
		"{column: name, to: name.text, lang: fr}":                                          ``,
		"{column: name, to: name.text, sensitive: maybe}":                                  `m.yaml:16:46: "sensitive" must be true or false`,
	} {
		rules := "  - {column: id, to: identifier(key).value}\n  - {value: present, to: telecom(phone)}\n  - " + rule
		if strings.Contains(rule, "telecom") {
			rules = "  - {column: id, to: identifier(key).value}\n\n  - " + rule
		}
		_, err := Load(clinic(person(rules)), ".")
		if got := textOf(err); want != "" && !strings.Contains(got, want) || want == "" && err != nil {
			t.Errorf("%s\n got %s\nwant %s", rule, got, want)
		}
	}
}

func textOf(err error) string {
	if err == nil {
		return "no problem"
	}
	return err.Error()
}

// TestMistakesOfTheWholeMap pairs a map with what is said about it.
func TestMistakesOfTheWholeMap(t *testing.T) {
	note := `map: clinic.note
source: {table: Clinic.note, key: [person, nr]}
`
	rules := "fields:\n  - {column: person, extension: p, type: integer}\n  - {column: nr, extension: nr, type: integer}\n"
	body := "  - {column: body, extension: body, type: string}\n"
	for m, want := range map[string]string{
		"a: [":                                   "m.yaml:1:4: YAML: ",
		"":                                       "m.yaml:1:1: the file must hold one YAML document",
		"map: x\nsourc: {}\n":                    `m.yaml:2:1: "sourc" is not known here; did you mean source?`,
		note + rules:                             `m.yaml:1:1: a target is either {type: Patient} or {module: caregivers, record: SecurityAnswer}`,
		note + "target: {type: Patent}\n":        `m.yaml:3:16: R4 has no resource type Patent; did you mean Patient`,
		note + "target: {type: Basic}\n" + rules: "m.yaml:1:1: no rule names column Clinic.note.body (text null): map it, keep it as an extension, or drop it for a reason {column: body, reason: ...}",
		note + "target: {type: Basic}\n" + rules + "drop: [{column: body}]\n":                                                                                           "m.yaml:7:8: say why the column is dropped: reason: one of deprecated-and-constant, derivable, technical, placeholder-row, out-of-scope",
		note + "target: {type: Basic}\n" + rules + "drop: [{column: body, reason: boring}]\n":                                                                           `m.yaml:7:31: "reason" cannot be "boring", only one of deprecated-and-constant, derivable, technical, placeholder-row, out-of-scope`,
		note + "target: {type: Basic}\n" + rules + "drop: [{column: body, reason: derivable}]\n":                                                                        "m.yaml:7:8: a derivable column needs its proof: equal: an expression that gives its value",
		note + "target: {type: Basic}\n" + rules + "drop: [{column: body, reason: deprecated-and-constant}]\n":                                                          "m.yaml:7:8: a constant column needs its proof: always: the value that it holds",
		note + "target: {type: Basic}\n" + rules[:strings.Index(rules, "  - {column: nr")] + body + "drop: [{column: nr, reason: technical}]\n":                         "column Clinic.note.nr is part of a key, so it is not only technical",
		note + "target: {type: Basic}\nslices: {\"code.coding(x)\": {system: s}}\n" + rules + body:                                                                      "m.yaml:4:10: no rule uses the slice code.coding(x)",
		note + "filter: [{when: row.nr == 0}]\ntarget: {type: Basic}\n" + rules + body:                                                                                  "m.yaml:3:17: say why rows are filtered: reason: one of",
		note + "filter: [{when: row.nr, reason: technical}]\ntarget: {type: Basic}\n" + rules + body:                                                                    "m.yaml:3:17: expression: it gives int, not bool",
		strings.Replace(note, "Clinic.note", "Clinic.nota", 1) + "target: {type: Basic}\n" + rules + body:                                                               "schema.yaml has no table Clinic.nota; did you mean Clinic.note?",
		strings.Replace(note, "[person, nr]", "[person, nr2]", 1) + "target: {type: Basic}\n" + rules + body:                                                            "m.yaml:2:44: Clinic.note has no column nr2; did you mean nr?",
		note + "target: {module: care, record: Note}\nfields:\n  - {column: person, to: p}\n  - {column: nr, to: p}\n  - {column: body, to: b}\n":                       "m.yaml:6:22: the field p has a rule already",
		note + "target: {module: care, record: Note}\nfields:\n  - {column: person, to: p}\n  - {column: nr, to: n, null: mark}\n  - {column: body, to: b, as: blob}\n": `m.yaml:7:31: a field of a record is text, instant or boolean, not "blob"`,
		note + "cases:\n  - {case: a, target: {type: Basic}}\n  - {case: b, target: {type: Basic}}\n":                                                                   "every case but the last has a condition: when",
		note + "cases:\n  - {case: a, when: row.nr == 1, target: {type: Basic}}\n  - {case: b, target: {type: Basic}}\n":                                                "two cases have a first target of type Basic, so that a stored one does not tell its case",
	} {
		_, err := Load(clinic(m), ".")
		if got := textOf(err); !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", m, got, want)
		}
	}
}

// TestMistakesInTheSchema pairs what stands in schema.yaml with what is said about it.
func TestMistakesInTheSchema(t *testing.T) {
	for was, x := range map[string][2]string{
		"key: [person, nr]":       {"key: [person, nrr]", `: Clinic.note has no column nrr; did you mean nr?`},
		"columns: {person: int,":  {"unique: [per]\n  columns: {person: int,", `: Clinic.note has no column per`},
		"body: text null":         {"body: datum null", `: column body: "datum" is no type of MySQL; did you mean date`},
		"columns: {person: int, ": {"optional: perhaps\n  columns: {person: int, ", `"optional" must be true or false`},
	} {
		files := clinic(person(basic))
		changed := strings.Replace(string(files["schema.yaml"].Data), was, x[0], 1)
		if changed == string(files["schema.yaml"].Data) {
			t.Fatalf("%s does not stand in the schema:\n%s", was, changed)
		}
		files["schema.yaml"] = &fstest.MapFile{Data: []byte(changed)}
		_, err := Load(files, ".")
		if got := textOf(err); !strings.Contains(got, x[1]) || !strings.Contains(got, "schema.yaml:") {
			t.Errorf("%s\n got %s\nwant %s", x[0], got, x[1])
		}
	}
}

func TestMistakesInTerms(t *testing.T) {
	for csv, want := range map[string]string{
		"":                                 "terms/sex.csv:1:1: CSV: the file must begin with the line source,system,code,display",
		"source,cod\n":                     `terms/sex.csv:1:1: CSV: column "cod" is not known; did you mean code?`,
		"source\n":                         `terms/sex.csv:1:1: CSV: column "code" is missing`,
		"source,code\nM,male\nM,female\n":  `terms/sex.csv:3:1: "M" stands twice in this map, first in line 2`,
		"source,code\nM,male\nMale,male\n": `terms/sex.csv:3:1: "M" and "Male" have the same code, so there is no way back; write yes in the column alike of all but one of them`,
		"source,code\nM\n":                 "terms/sex.csv:2:1: CSV: the line has 1 fields, the first line 2",
		"source,code\n\"M,male\n":          "terms/sex.csv:2:9: CSV: ",
		"source,code\n# a comment\nM,male\nF,femal\n": `terms/sex.csv:4:1: Patient.gender cannot be "femal": the value set http://hl7.org/fhir/ValueSet/administrative-gender does not have it`,
	} {
		files := clinic(person(basic + "  - {column: sex, to: gender, terms: sex}"))
		files["terms/sex.csv"] = &fstest.MapFile{Data: []byte(csv)}
		_, err := Load(files, ".")
		if got := textOf(err); !strings.Contains(got, want) {
			t.Errorf("%q\n got %s\nwant %s", csv, got, want)
		}
	}
}

func TestAllMistakesComeAtOnce(t *testing.T) {
	_, err := Load(clinic(person("  - {column: nmae, to: name.text}\n  - {column: sex, to: gendr}")), ".")
	f := fault.Find(err)
	if f == nil || f.Kind != fault.Invalid || len(f.Issues) < 3 {
		t.Fatalf("fault %+v", f)
	}
	if f.Issues[0].Line == 0 || f.Issues[0].Col == 0 {
		t.Errorf("issue without place: %+v", f.Issues[0])
	}
}
