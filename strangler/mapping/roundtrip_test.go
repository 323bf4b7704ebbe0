package mapping

import (
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/strangler/source"
)

// everything maps each column of Clinic.person in the way that is hardest to take back.
const everything = `  - {column: id, to: identifier(key).value}
  - {child: phone, to: telecom(phone), each: [{column: id, extension: nr, type: integer}, {column: number, to: value, empty: absent}, {column: main, extension: main, type: boolean}]}
  - {column: name, to: name.given, prefix: "n:"}
  - {column: nick, to: name.text}
  - {column: sex, to: gender, terms: sex, unmapped: as-is}
  - {column: born, to: birthDate}
  - {column: died, to: deceasedDateTime, zero: unknown}
  - {column: seen, extension: seen, type: instant}
  - {column: day, extension: day, type: date}
  - {column: clock, extension: clock, type: time}
  - {column: weight, extension: weight, type: decimal, null: mark, absent: "0.00"}
  - {column: score, extension: score, type: decimal, default: "row.nick == null ? '' : '1.50'"}
  - {column: big, extension: big, type: integer, zero: absent}
  - {column: flag, to: active}
  - {column: on, extension: on, type: boolean}
  - {column: pic, to: photo.data}
  - {column: kind, extension: kind, type: code, when: row.flag == 1, else: {extension: other-kind, type: string}}
  - {column: boss, extension: boss, type: Reference, ref: {map: clinic.person, lookup: boss}, absent: "0"}`

// cells are the values of a column that a test draws from, the odd ones first.
func cells() map[string]*rapid.Generator[source.Cell] {
	text := textCells()
	moments := literals("0000-00-00 00:00:00", "2024-03-10 02:30:00", "2024-11-03 01:30:00", "1000-01-01 00:00:00", "1883-11-18 12:03:58",
		"9999-12-31 23:59:59", "2020-02-30 00:00:00", "2020-00-00 00:00:00", "2001-02-03 04:05:06", "1970-01-01 00:00:00", "2020-05-05 00:00:00")
	number := literals("0", "-1", "1", "007", "0.00", "-0", "1e10", "2.50", "9223372036854775807", "-2147483649", "2147483647", "0.1")
	return map[string]*rapid.Generator[source.Cell]{
		"name": text, "nick": nullable(text), "sex": rapid.OneOf(literals("M", "F", "X", "D", "male", ""), text),
		"born": moments, "died": nullable(moments), "seen": nullable(literals("0000-00-00 00:00:00.000", "2024-03-10 07:30:00.123", "2038-01-19 03:14:07.000")),
		"day":    nullable(literals("0000-00-00", "2020-02-29", "2021-02-29", "0001-01-01")),
		"clock":  nullable(literals("00:00:00", "23:59:59", "-838:59:59", "24:00:00")),
		"weight": nullable(literals("0.00", "12.50", "-0.10", "9999.99")), "score": nullable(number), "big": nullable(number),
		"flag": literals("0", "1", "2", "-1"), "on": nullable(bytesOf([]byte{0}, []byte{1}, []byte{7})),
		"pic":  nullable(rapid.Custom(func(t *rapid.T) source.Cell { return source.Binary(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) })),
		"kind": nullable(literals("a", "b", "")), "boss": literals("0", "1", "77"),
	}
}

func literals(list ...string) *rapid.Generator[source.Cell] {
	return rapid.Map(rapid.SampledFrom(list), source.Text)
}

func bytesOf(list ...[]byte) *rapid.Generator[source.Cell] {
	return rapid.Map(rapid.SampledFrom(list), source.Binary)
}

func nullable(g *rapid.Generator[source.Cell]) *rapid.Generator[source.Cell] {
	return rapid.OneOf(rapid.Just(source.NullCell()), g)
}

// textCells are texts of all kinds: empty, blank, with control characters, quotes, broken.
func textCells() *rapid.Generator[source.Cell] {
	odd := literals("", " ", "\t", "a\x00b", "\x1a", `"\`, "é", "e\u0301", "\U0001F600", "n:", "line\nline", " trailing ", "\u2028", "null")
	damaged := rapid.Just(source.Cell{State: source.Damaged, Bytes: []byte("a\uFFFDb"), Raw: []byte{'a', 0xE9, 'b'}})
	return rapid.OneOf(odd, damaged, rapid.Map(rapid.String(), source.Text))
}

// TestWhateverIsTakenComesBack maps rows of random cells there and back. Not one value may be lost or changed.
func TestWhateverIsTakenComesBack(t *testing.T) {
	p := load(t, person(everything))
	m := p.Map("clinic.person")
	gens := cells()
	rapid.Check(t, func(rt *rapid.T) {
		values := map[string]source.Cell{"id": source.Text("5")}
		for _, name := range keys(gens) {
			values[name] = gens[name].Draw(rt, name)
		}
		phones := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) source.Row {
			return row(t, p, "Clinic.phone", map[string]source.Cell{
				"id": literals("1", "2", "99").Draw(rt, "id"), "person": source.Text("5"),
				"number": nullable(textCells()).Draw(rt, "number"), "main": literals("0", "1", "3").Draw(rt, "main"),
			})
		}), 0, 3).Draw(rt, "phones")
		in, out := forward(t, p, values, phones...)
		if out.Refused != nil {
			rt.Fatalf("refused: %+v", *out.Refused)
		}
		if wrong := m.Verify(in, out); wrong != nil {
			rt.Fatalf("%s: %s\n%s", wrong.Path, wrong.Text, out.Targets[0].Resource.Raw())
		}
	})
}

func TestTheSameRowGivesTheSameBytes(t *testing.T) {
	p := load(t, person(everything))
	values := map[string]source.Cell{"id": source.Text("5"), "name": source.Text("Ann"), "sex": source.Text("F")}
	_, first := forward(t, p, values)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if _, again := forward(t, p, values); string(again.Targets[0].Resource.Raw()) != string(first.Targets[0].Resource.Raw()) {
					t.Error("another resource")
				}
			}
		})
	}
	group.Wait()
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	p := load(t, person(basic+"  - {column: score, extension: score, type: decimal}"))
	for _, literal := range []string{"1.50", "0", "-0.10", "1e10", "1.175494351e-38", "123456789012345678901234567890.5"} {
		_, out := forward(t, p, map[string]source.Cell{"score": source.Text(literal)})
		if got := out.Targets[0].Resource.Get("extension").At(0).Get("valueDecimal"); string(got.Raw()) != literal {
			t.Errorf("%s became %s", literal, got.Raw())
		}
	}
}

// TestWhatChangedHereGoesBackChanged edits resources as a user would, and looks at the rows.
func TestWhatChangedHereGoesBackChanged(t *testing.T) {
	p := load(t, person(everything))
	m := p.Map("clinic.person")
	_, out := forward(t, p, map[string]source.Cell{
		"id": source.Text("5"), "sex": source.Text("D"), "born": source.Text("2001-02-03 04:05:06"), "died": source.Text("2024-07-01 10:00:00"),
	})
	for _, c := range []struct{ old, new, column, want string }{
		{`"gender":"other"`, `"gender":"male"`, "sex", "M"}, // the text beside it says what is no longer so
		{`"birthDate":"2001-02-03"`, `"birthDate":"2002-03-04"`, "born", "2002-03-04 00:00:00"},
		{`"birthDate":"2001-02-03"`, `"birthDate":"2001-02-03"`, "born", "2001-02-03 04:05:06"},
		{`2024-07-01T10:00:00-04:00`, `2024-07-01T15:00:00Z`, "died", "2024-07-01 11:00:00"},
	} {
		changed := out.Targets[0]
		changed.Resource = edit(t, changed.Resource, c.old, c.new)
		rows, err := m.Inverse([]Target{changed})
		if err != nil {
			t.Errorf("%s: %v", c.new, err)
			continue
		}
		if got := rows[0].Cell(c.column).String(); got != c.want {
			t.Errorf("%s: %s came back as %q, want %q", c.new, c.column, got, c.want)
		}
	}
}

func TestWhatHasNoWayBackIsSaid(t *testing.T) {
	p := load(t, person(everything))
	m := p.Map("clinic.person")
	_, out := forward(t, p, map[string]source.Cell{"id": source.Text("5"), "sex": source.Text("M"), "born": source.Text("2001-02-03 00:00:00")})
	for _, c := range [][2]string{
		{`"gender":"male"`, `"gender":"unknown"`},
		{`"birthDate":"2001-02-03"`, `"birthDate":"2001"`},
		{`"value":"5"`, `"value":5`},
	} {
		changed := out.Targets[0]
		changed.Resource = edit(t, changed.Resource, c[0], c[1])
		if _, err := m.Inverse([]Target{changed}); err == nil {
			t.Errorf("%s came back", c[1])
		}
	}
	if _, err := m.Inverse([]Target{{Type: "Observation"}}); err == nil {
		t.Error("targets of another map came back")
	}
}
