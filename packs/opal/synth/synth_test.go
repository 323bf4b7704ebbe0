package synth

import (
	"bufio"
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/ficushealth/ficus/packs/opal"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
	"github.com/ficushealth/ficus/strangler/source/dump/stage"
	"github.com/ficushealth/ficus/suites"
)

func make200(t testing.TB) ([]byte, Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := Dump(&b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m
}

func TestTheSameOptionsGiveTheSameDump(t *testing.T) {
	one, m := make200(t)
	two, n := make200(t)
	if !bytes.Equal(one, two) || !cmp.Equal(m, n) {
		t.Error("two dumps of the same options differ")
	}
	var other bytes.Buffer
	if _, err := Dump(&other, Options{Seed: 1}); err != nil || bytes.Equal(one, other.Bytes()) {
		t.Errorf("another seed gives the same dump (%v)", err)
	}
}

func TestTheManifestCountsRows(t *testing.T) {
	for _, patients := range []int{1, 7, 200, 431} {
		var b bytes.Buffer
		m, err := Dump(&b, Options{Patients: patients, Results: 20, Appointments: 3})
		if err != nil {
			t.Fatal(err)
		}
		r, err := dump.New(&b, dump.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range r.Rows() {
			if err != nil {
				t.Fatal(err)
			}
		}
		rows, history := map[string]int64{}, map[string]int64{}
		for _, c := range r.Tables() {
			rows[c.Table.String()] = c.Rows
			if c.History > 0 {
				history[c.Table.String()] = c.History
			}
		}
		if diff := cmp.Diff(m.Rows, rows); diff != "" {
			t.Error(patients, diff)
		}
		if diff := cmp.Diff(m.History, history); diff != "" {
			t.Error(patients, diff)
		}
		if kinds := r.Objects(); len(kinds) != 2 {
			t.Errorf("objects %v, want a trigger and a view", kinds)
		}
	}
}

func TestEveryTrapIsSet(t *testing.T) {
	_, m := make200(t)
	for _, trap := range Traps() {
		if m.Traps[trap] == 0 {
			t.Errorf("not one %s", trap)
		}
	}
	if len(m.Traps) != len(Traps()) {
		t.Errorf("%d traps in the manifest, %d in the list", len(m.Traps), len(Traps()))
	}
}

// sightings say how a trap looks in the rows, without knowing how it was set.
func sightings() map[Trap]func(r row) bool {
	patient := func(f func(row) bool) func(row) bool { return in("OpalDB.Patient", f) }
	result := func(f func(row) bool) func(row) bool { return in("OpalDB.PatientTestResult", f) }
	number := regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	ramq := regexp.MustCompile(`^[A-Z]{4}[0-9]{8}$`)
	is := func(column, want string) func(row) bool {
		return func(r row) bool { c := r.Cell(column); return c.Has() && c.String() == want }
	}
	null := func(column string) func(row) bool {
		return func(r row) bool { return r.Cell(column).State == source.Null }
	}
	or := func(a, b func(row) bool) func(row) bool { return func(r row) bool { return a(r) || b(r) } }
	return map[Trap]func(row) bool{
		ZeroDeath:         patient(is("DeathDate", zeroDate)),
		NullDeath:         patient(null("DeathDate")),
		DeathNearMidnight: patient(func(r row) bool { return strings.Contains(r.Cell("DeathDate").String(), " 23:") }),
		Placeholder:       patient(is("PatientSerNum", "0")),
		LanguageSN:        patient(is("Language", "SN")),
		AccessLevel2:      patient(is("AccessLevel", "2")),
		OtherSex:          patient(or(is("Sex", "Other"), is("Sex", "Unknown"))),
		StandIn:           patient(is("DateOfBirth", "1900-01-01 00:00:00")),
		BirthWithTime:     patient(func(r row) bool { b := r.Cell("DateOfBirth").String(); return !strings.HasSuffix(b, " 00:00:00") }),
		BadRAMQ:           patient(func(r row) bool { s := r.Cell("SSN").String(); return s != "" && !ramq.MatchString(s) }),
		EmptyRAMQ:         patient(is("SSN", "")),
		PhoneNull:         patient(null("TelNum")),
		PhoneZero:         patient(is("TelNum", "0")),
		PhoneInvalid:      patient(is("TelNum", "61292507111")),
		TestUser:          patient(is("TestUser", "1")),
		EmptyAlias:        patient(or(null("Alias"), is("Alias", ""))),
		Wide: patient(func(r row) bool {
			return strings.ContainsFunc(r.Cell("Alias").String(), func(c rune) bool { return c > 0xFF && c != 'Œ' && c != 'œ' && c != 'Ž' })
		}),
		DoubleEncoded: patient(func(r row) bool {
			_, a := source.DoubleEncoded(r.Cell("LastName").Bytes)
			_, b := source.DoubleEncoded(r.Cell("StatusReasonTxt").Bytes)
			return a || b
		}),
		Blanks: patient(func(r row) bool {
			return strings.HasPrefix(r.Cell("LastName").String(), " ") || strings.ContainsAny(r.Cell("StatusReasonTxt").String(), "\n\\\"")
		}),
		InactiveMRN:       in("OpalDB.Patient_Hospital_Identifier", is("Is_Active", "0")),
		LongMRN:           in("OpalDB.Patient_Hospital_Identifier", func(r row) bool { return len(r.Cell("MRN").Bytes) > 10 }),
		UnknownSite:       in("OpalDB.Patient_Hospital_Identifier", is("Hospital_Identifier_Type_Code", "ZZZ")),
		NoPassword:        in("OpalDB.Users", is("Password", "")),
		LongAnswer:        in("OpalDB.SecurityAnswer", func(r row) bool { return len(r.Cell("AnswerText").Bytes) > 128 }),
		DeviceWithoutUser: in("OpalDB.PatientDeviceIdentifier", is("Username", "")),
		DeviceLocked:      in("OpalDB.PatientDeviceIdentifier", is("Attempt", "5")),
		DeviceUnknown:     in("OpalDB.PatientDeviceIdentifier", is("DeviceType", "7")),
		ZeroEnd:           in("OpalDB.Appointment", is("ActualEndDate", zeroDate)),
		Deleted:           in("OpalDB.Appointment", is("State", "Deleted")),
		EndsEarly:         in("OpalDB.Appointment", func(r row) bool { return r.Cell("ScheduledEndTime").String() < r.Cell("ScheduledStartTime").String() }),
		SpringGap:         in("OpalDB.Appointment", is("ActualStartDate", "2025-03-09 02:30:00")),
		ComparedResult:    result(func(r row) bool { return strings.ContainsAny(r.Cell("TestValue").String(), "<>") }),
		EmptyResult:       result(is("TestValue", "")),
		LongResult:        result(func(r row) bool { return len(r.Cell("TestValue").Bytes) > 100 }),
		NumericNull:       result(null("TestValueNumeric")),
		NoRange:           result(null("NormalRangeMin")),
		FlagNull:          result(or(null("AbnormalFlag"), is("AbnormalFlag", ""))),
		FlagOdd:           result(is("AbnormalFlag", "**")),
		TextResult: func(r row) bool {
			s, _ := map[string]string{"OpalDB.PatientTestResult": "TestValue", "OpalDB.TestResult": "TestValueString"}[r.Table.String()]
			v := r.Cell(s).String()
			return s != "" && v != "" && !number.MatchString(v) && !strings.ContainsAny(v, "<>")
		},
		DoctorIsClinic: in("OpalDB.Doctor", is("LastName", "Medical Records")),
	}
}

type row = source.Row

func in(table string, f func(row) bool) func(row) bool {
	return func(r row) bool { return r.Table.String() == table && f(r) }
}

func TestTrapsAreSeenInTheRows(t *testing.T) {
	b, m := make200(t)
	r, err := dump.New(bytes.NewReader(b), dump.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen, all := map[Trap]int64{}, sightings()
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		for trap, sees := range all {
			if !row.Historical() && sees(row) {
				seen[trap]++
			}
		}
	}
	for trap := range all {
		if seen[trap] != m.Traps[trap] {
			t.Errorf("%s: %d rows show it, the manifest says %d", trap, seen[trap], m.Traps[trap])
		}
	}
}

// Keys of the tables hold: staging finds a row with the key of another, and the unique keys are looked at here.
func TestKeysAreUnique(t *testing.T) {
	b, _ := make200(t)
	r, err := dump.New(bytes.NewReader(b), dump.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		keys := append([][]string{row.Table.PrimaryKey}, row.Table.Unique...)
		for i, columns := range keys {
			at, ok := row.Table.Indexes(columns)
			if !ok {
				t.Fatalf("%s has not all of %q", row.Table, columns)
			}
			if row.Historical() || slices.ContainsFunc(at, func(i int) bool { return !row.Cells[i].Has() }) {
				continue
			}
			key := row.Table.String() + "\x00" + string(rune('0'+i)) + string(source.AppendKey(nil, row.Table, lowered(row).Cells, at))
			if seen[key] {
				t.Errorf("%s: key %q is there twice", row.Table, columns)
			}
			seen[key] = true
		}
	}
}

// lowered is a row whose texts are in lower case: the keys of the real tables do not tell cases apart.
func lowered(r row) row {
	r = r.Clone()
	for i := range r.Cells {
		if r.Table.Class(i) == source.TextClass {
			r.Cells[i].Bytes = bytes.ToLower(r.Cells[i].Bytes)
		}
	}
	return r
}

func TestTextsAreWhatTheirColumnsHold(t *testing.T) {
	b, _ := make200(t)
	r, err := dump.New(bytes.NewReader(b), dump.Options{})
	if err != nil {
		t.Fatal(err)
	}
	holds := latin1Holds()
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range row.Cells {
			column := row.Table.Columns[i]
			if column.Charset == "latin1" && strings.ContainsFunc(c.String(), func(c rune) bool { return !holds[c] }) {
				t.Errorf("%s.%s: a text that latin1 cannot hold", row.Table, column.Name)
			}
			if column.Type == "varchar" && utf8.RuneCount(c.Bytes) > column.Len {
				t.Errorf("%s.%s: a text longer than %d characters", row.Table, column.Name, column.Len)
			}
			if !column.Nullable && column.Generated == "" && !c.Has() {
				t.Errorf("%s.%s: NULL", row.Table, column.Name)
			}
		}
	}
}

// latin1Holds are the characters of latin1.
func latin1Holds() map[rune]bool {
	latin1, _ := source.FindCharset("latin1")
	holds := map[rune]bool{}
	for c := range 256 {
		one, _ := latin1.Decode(nil, []byte{byte(c)})
		holds[[]rune(string(one))[0]] = true
	}
	return holds
}

// The tables are declared as the real ones are: names, order, types, NULL and defaults. Only Patient.Alias has another character
// set, so that there is a text column which holds more than latin1.
func TestTablesAreDeclaredAsTheRealOnes(t *testing.T) {
	real := declarations(t, mustOpen(t, suites.Path(t, "legacy-opaldb", "opal-legacy-omi-test.sql.gz")))
	b, _ := make200(t)
	r, err := dump.New(bytes.NewReader(b), dump.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range declarations(t, r) {
		want := real[name]
		if name == "OpalDB.Feedback" {
			continue // stands for an empty table, in short
		}
		if want == nil {
			t.Errorf("%s is no real table", name)
			continue
		}
		if !slices.Equal(table.PrimaryKey, want.PrimaryKey) {
			t.Errorf("%s: key %q, want %q", name, table.PrimaryKey, want.PrimaryKey)
		}
		if diff := cmp.Diff(comparable(want), comparable(table)); diff != "" {
			t.Errorf("%s (-real +synthetic):\n%s", name, diff)
		}
	}
}

func mustOpen(t *testing.T, path string) *dump.Reader {
	t.Helper()
	r, err := dump.Open(path, dump.Options{Want: func(*source.Table) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func declarations(t *testing.T, r *dump.Reader) map[string]*source.Table {
	t.Helper()
	for _, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
	}
	tables := map[string]*source.Table{}
	for _, c := range r.Tables() {
		tables[c.Table.String()] = c.Table
	}
	return tables
}

// comparable are the columns without comments, and without those that only a system-versioned table has.
func comparable(t *source.Table) (columns []source.Column) {
	for _, c := range t.Columns {
		if c.Comment = ""; t.String() == "OpalDB.Patient" && c.Name == "Alias" {
			c.Charset, c.Collation = "", ""
		}
		if !strings.HasPrefix(c.Generated, "row ") {
			columns = append(columns, c)
		}
	}
	return columns
}

func TestAnswersAreHashesOfCapitals(t *testing.T) {
	sum := sha512.Sum512([]byte("ÉRABLE"))
	if got := hash(strings.ToUpper("Érable")); got != hex.EncodeToString(sum[:]) {
		t.Error(got)
	}
	// the value that the design states for the answer Meg
	if got := hash(strings.ToUpper("Meg")); !strings.HasPrefix(got, "5ed4c716") {
		t.Error(got)
	}
}

func TestSpringGap(t *testing.T) {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	for year := 2015; year < 2030; year++ {
		gap := springGap(year)
		if shown := time.Date(gap.Year(), gap.Month(), gap.Day(), gap.Hour(), gap.Minute(), 0, 0, zone); shown.Hour() == gap.Hour() {
			t.Errorf("%d: %v was shown", year, gap)
		}
	}
}

// The pack takes the whole dump: its tables are there as it expects them, and every row that it maps comes back.
func TestThePackTakesIt(t *testing.T) {
	b, m := make200(t)
	path := filepath.Join(t.TempDir(), "opal.sql")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	pack, err := opal.Pack()
	if err != nil {
		t.Fatal(err)
	}
	var wants []stage.Want
	for _, w := range pack.Wants() {
		want := stage.Want{Table: w.Table}
		for _, by := range w.By {
			want.By = append(want.By, stage.Lookup(by))
		}
		wants = append(wants, want)
	}
	s, err := stage.Build(t.Context(), path, t.TempDir(), wants, dump.Options{}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pack, problems := pack.Bind(tables)
	for _, p := range problems {
		t.Error(p)
	}
	have, err := mapping.TablesOf(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, mp := range pack.Maps() {
		var rows int64
		for in, err := range mp.Gather(t.Context(), s, have, source.Position{}) {
			if err != nil {
				t.Fatal(err)
			}
			rows++
			in.Installation = uuid.NameSpaceOID
			out, err := mp.Forward(in)
			if err != nil {
				t.Fatal(err)
			}
			if out.Refused != nil || out.Filtered != "" {
				continue
			}
			if wrong := mp.Verify(in, out); wrong != nil {
				t.Errorf("%s, row %s: %s: %s", mp.Name, in.Row.KeyText(), wrong.Path, wrong.Text)
			}
		}
		if rows != m.Rows[mp.Table] {
			t.Errorf("%s: %d rows of %s, want %d", mp.Name, rows, mp.Table, m.Rows[mp.Table])
		}
	}
	var covered []string
	for _, c := range pack.Covered() {
		covered = append(covered, c.Table)
	}
	slices.Sort(covered)
	if got := slices.Sorted(slices.Values(Covered())); !cmp.Equal(got, covered) {
		t.Error("the pack covers (-), the dump says (+)", cmp.Diff(covered, got))
	}
}

// failing is a writer that is full after some bytes.
type failing int

func (f *failing) Write(b []byte) (int, error) {
	if *f -= failing(len(b)); *f < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestAFullDiskIsTold(t *testing.T) {
	f := failing(100_000)
	if _, err := Dump(&f, Options{}); err != io.ErrShortWrite {
		t.Errorf("got %v", err)
	}
}

func BenchmarkDump(b *testing.B) {
	var rows int64
	for b.Loop() {
		w := bufio.NewWriter(io.Discard)
		m, err := Dump(w, Options{Patients: 1000})
		if err != nil {
			b.Fatal(err)
		}
		rows = 0
		for _, n := range m.Rows {
			rows += n
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
