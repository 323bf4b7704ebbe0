package synth

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

func labTables() []*table {
	control := []string{"`Name_EN` varchar(200) NOT NULL", "`Name_FR` varchar(200) NOT NULL", "`Description_EN` text NOT NULL", "`Description_FR` text NOT NULL", "`Group_EN` varchar(200) NOT NULL", "`Group_FR` varchar(200) NOT NULL",
		"`SourceDatabaseSerNum` int(11) NOT NULL DEFAULT 1", "`EducationalMaterialControlSerNum` " + numberNull, "`PublishFlag` " + number, "`DateAdded` " + moment, "`LastPublished` datetime NOT NULL DEFAULT '2002-01-01 00:00:00'", byUser, updated}
	with := func(first string, middle []string, last ...string) []string {
		return append(append([]string{first}, middle...), last...)
	}
	added := "`DateAdded` datetime NOT NULL DEFAULT current_timestamp()"
	return []*table{
		{name: "PatientTestResult", fill: (*generator).results, columns: resultColumns(), keys: []string{key("PatientTestResultSerNum"), "UNIQUE KEY `PatientTestCodeTestDate` (`PatientSerNum`,`TestExpressionSerNum`,`CollectedDateTime`)",
			"CONSTRAINT `PatientTestResult_ibfk_1` FOREIGN KEY (`PatientSerNum`) REFERENCES `Patient` (`PatientSerNum`) ON UPDATE CASCADE",
			"CONSTRAINT `PatientTestResult_ibfk_2` FOREIGN KEY (`TestExpressionSerNum`) REFERENCES `TestExpression` (`TestExpressionSerNum`) ON UPDATE CASCADE",
			"CONSTRAINT `PatientTestResult_ibfk_3` FOREIGN KEY (`TestGroupExpressionSerNum`) REFERENCES `TestGroupExpression` (`TestGroupExpressionSerNum`) ON UPDATE CASCADE"}},
		{name: "TestControl", fill: (*generator).testControls, keys: []string{key("TestControlSerNum")}, columns: with("`TestControlSerNum` "+serial, control, "`URL_EN` varchar(2000) NOT NULL DEFAULT ''", "`URL_FR` varchar(2000) NOT NULL DEFAULT ''", session,
			"`InterpretationRecommended` tinyint(1) NOT NULL DEFAULT 0")},
		{name: "TestExpression", fill: (*generator).testExpressions, keys: []string{key("TestExpressionSerNum"), "UNIQUE KEY `TestCode` (`TestCode`,`SourceDatabaseSerNum`)",
			"CONSTRAINT `TestExpression_ibfk_2` FOREIGN KEY (`SourceDatabaseSerNum`) REFERENCES `SourceDatabase` (`SourceDatabaseSerNum`) ON UPDATE CASCADE"},
			columns: []string{"`TestExpressionSerNum` " + serial, "`TestControlSerNum` " + numberNull, "`TestCode` varchar(30) NOT NULL DEFAULT ''", "`ExpressionName` varchar(100) NOT NULL", added, "`LastPublished` datetime DEFAULT NULL", byUser,
				"`SourceDatabaseSerNum` int(11) NOT NULL DEFAULT 4", updated, session, "`externalId` varchar(512) NOT NULL DEFAULT '-1'", "`deleted` int(1) NOT NULL DEFAULT 0", "`deletedBy` varchar(255) DEFAULT NULL",
				"`createdBy` varchar(255) NOT NULL DEFAULT 'cronjob'", "`updatedBy` varchar(255) NOT NULL DEFAULT 'cronjob'"}},
		{name: "TestGroupExpression", fill: (*generator).groups, keys: []string{key("TestGroupExpressionSerNum"), "UNIQUE KEY `TestCode` (`TestCode`,`SourceDatabaseSerNum`)"}, columns: []string{"`TestGroupExpressionSerNum` " + serial,
			"`TestCode` varchar(30) NOT NULL", "`ExpressionName` varchar(100) NOT NULL", added, "`LastPublished` datetime DEFAULT NULL", byUser, "`SourceDatabaseSerNum` int(11) NOT NULL DEFAULT 4", updated, session}},
		{name: "TestResult", fill: (*generator).oldResults, columns: oldResultColumns(), keys: []string{key("TestResultSerNum"), "KEY `ix_TestResult_PatientSerNum` (`PatientSerNum`)"}},
		{name: "TestResultControl", fill: (*generator).oldControls, keys: []string{key("TestResultControlSerNum")}, columns: with("`TestResultControlSerNum` "+serial, control, "`URL_EN` varchar(2000) NOT NULL", "`URL_FR` varchar(2000) NOT NULL", session)},
		{name: "TestResultExpression", fill: (*generator).oldExpressions, keys: []string{key("TestResultExpressionSerNum"), "UNIQUE KEY `ExpressionName` (`ExpressionName`)"}, columns: []string{"`TestResultExpressionSerNum` " + serial,
			"`TestResultControlSerNum` " + number, "`ExpressionName` varchar(100) NOT NULL", "`DateAdded` " + moment, "`LastPublished` datetime NOT NULL DEFAULT '2000-01-01 00:00:00'", byUser, updated, session}},
	}
}

func resultColumns() []string {
	return []string{"`PatientTestResultSerNum` bigint(11) NOT NULL AUTO_INCREMENT", "`TestGroupExpressionSerNum` " + number, "`TestExpressionSerNum` " + number, "`PatientSerNum` " + number, "`AbnormalFlag` varchar(10) DEFAULT NULL", "`SequenceNum` " + numberNull,
		"`CollectedDateTime` " + moment, "`ResultDateTime` " + moment, "`NormalRangeMin` float DEFAULT NULL", "`NormalRangeMax` float DEFAULT NULL", "`NormalRange` varchar(30) NOT NULL DEFAULT ''", "`TestValueNumeric` float DEFAULT NULL",
		"`TestValue` varchar(255) NOT NULL", "`UnitDescription` varchar(40) NOT NULL", "`DateAdded` " + moment, "`ReadStatus` int(11) NOT NULL DEFAULT 0", "`ReadBy` longtext NOT NULL DEFAULT '[]'", updated, "`AvailableAt` " + moment}
}

func oldResultColumns() []string {
	return []string{"`TestResultSerNum` " + serial, "`CronLogSerNum` " + numberNull, "`TestResultGroupSerNum` " + number, "`TestResultControlSerNum` " + number, "`TestResultExpressionSerNum` " + number, "`PatientSerNum` " + number,
		"`SourceDatabaseSerNum` " + number, "`TestResultAriaSer` varchar(100) NOT NULL", "`ComponentName` varchar(30) NOT NULL", "`FacComponentName` varchar(30) NOT NULL", "`AbnormalFlag` varchar(5) NOT NULL", "`TestDate` " + moment,
		"`MaxNorm` float NOT NULL", "`MinNorm` float NOT NULL", "`ApprovedFlag` varchar(5) NOT NULL", "`TestValue` float NOT NULL", "`TestValueString` varchar(400) NOT NULL", "`UnitDescription` varchar(40) NOT NULL", "`ValidEntry` varchar(5) NOT NULL",
		"`DateAdded` " + moment, "`ReadStatus` " + number, updated}
}

// test is a laboratory test: what it is called, and what it measures in whom is well.
type test struct {
	code, en, fr, unit, odd string
	low, high               float64
	digits                  int
}

func tests() []test {
	return []test{
		{"HGB", "Hemoglobin", "Hémoglobine", "g/L", "G/L", 120, 160, 0}, {"HCT", "Hematocrit", "Hématocrite", "L/L", "l/l", 0.36, 0.46, 2}, {"WBC", "White blood cells", "Globules blancs", "10^9/L", "x10 9/L", 4, 11, 1},
		{"PLT", "Platelets", "Plaquettes", "10^9/L", "", 140, 440, 0}, {"NA", "Sodium", "Sodium", "mmol/L", "mEq/L", 135, 145, 0}, {"K", "Potassium", "Potassium", "mmol/L", "mmol/l", 3.5, 5, 1},
		{"CREA", "Creatinine", "Créatinine", "umol/L", "µmol/L", 55, 110, 0}, {"GLU", "Glucose", "Glucose", "mmol/L", "mmol/L ", 3.9, 6.1, 1}, {"TSH", "Thyrotropin", "Thyréostimuline", "mIU/L", "mUI/L", 0.4, 4.4, 2},
		{"INR", "International normalized ratio", "Rapport normalisé international", "", "ratio", 0.9, 1.1, 2}, {"CEA", "Carcinoembryonic antigen", "Antigène carcino-embryonnaire", "ug/L", "µg/L", 0, 5, 1}, {"CRP", "C-reactive protein", "Protéine C réactive", "mg/L", "mg/l", 0, 5, 1},
	}
}

// words are results that are no numbers.
func words() []string {
	return []string{"NEG", "Négatif", "POS", "Trace", "Hémolysé", "see comment", "voir commentaire", "N/A", "+++", "cœlome: néant"}
}

func (g *generator) testControls() {
	for i, t := range tests() {
		traps := []Trap(nil)
		added := g.opt.Now.AddDate(-7, 0, i).Format(time.DateTime)
		if i == 4 {
			added, traps = zeroDate, []Trap{ZeroDate}
		}
		g.control(i, t).str(added).str("2020-12-04 19:24:02").null().time(g.opt.Now.AddDate(-2, 0, i)).str(urlOf(t, "en")).str(urlOf(t, "fr")).maybe("s"+strconv.Itoa(i), i%2 == 0).bool(i%3 == 0).emit(traps...)
	}
}

func urlOf(t test, language string) string {
	if t.unit == "" {
		return ""
	}
	return "https://example.org/" + language + "/" + strings.ToLower(t.code)
}

// control writes what both tables of tests as patients see them begin with.
func (g *generator) control(i int, t test) *out {
	g.int(i + 1).str(t.en).str(t.fr).str("<p>" + t.en + " is measured in your blood.</p>").str("<p>" + t.fr + " : mesure dans votre sang (coût : 0 €).</p>").str("Blood").str("Sang").int(-1 + i%2*2)
	if i%3 == 0 {
		g.null()
	} else {
		g.int(300 + i)
	}
	return g.bool(i%5 != 4)
}

func (g *generator) testExpressions() {
	for i, t := range tests() {
		var traps []Trap
		g.int(i + 1)
		if i == len(tests())-1 {
			traps = append(traps, UnlinkedExpression)
			g.null()
		} else {
			g.int(i + 1)
		}
		g.str(t.code).str(strings.ToUpper(t.en)).str("2016-06-10 11:38:13").maybe("2000-01-01 00:00:00", i%2 == 0).null().int(4).str("2023-01-12 16:39:14").null().str("-1").bool(i == 7).maybe("", i%4 == 0).str("cronjob").str("cronjob").emit(traps...)
	}
}

func groups() [][2]string {
	return [][2]string{{"CBC", "COMPLETE BLOOD COUNT"}, {"CHEM", "ELECTROLYTES AND KIDNEY"}, {"MISC", "ANALYSES DIVERSES – œdème"}}
}

func (g *generator) groups() {
	for i, s := range groups() {
		g.int(i + 1).str(s[0]).str(s[1]).str("2022-01-21 21:05:25").null().null().int(4).str("2022-01-21 21:05:25").null().emit()
	}
}

// results writes the laboratory results of each patient: some days, on each a panel of tests.
func (g *generator) results() {
	list := tests()
	serial := 6000
	for n := range g.opt.Patients {
		p, r := g.person(n), g.chance("results", n)
		many := g.opt.Results/2 + r.IntN(g.opt.Results+1)
		day := g.opt.Now.AddDate(0, 0, -many/len(list)*11).Truncate(time.Minute)
		for i := range many {
			if i%len(list) == 0 {
				day = day.AddDate(0, 0, 7+r.IntN(5)).Add(time.Duration(r.IntN(90)) * time.Minute)
			}
			g.result(r, serial, p, p.serial, i%len(list), day)
			serial++
		}
		if n%150 == 120 {
			g.result(r, serial, p, g.missing()+n, 0, day.AddDate(0, 0, 1))
			serial++
		}
	}
}

// reading is one result as the laboratory reports it.
type reading struct {
	value, flag, unit string
	numeric           string // "" is NULL
	flagNull, noRange bool
	traps             []Trap
}

func (g *generator) result(r *rand.Rand, serial int, p person, patient, which int, day time.Time) {
	t := tests()[which]
	v := read(r, t)
	v.trap(r, t, serial)
	if patient != p.serial {
		v.traps = append(v.traps, OrphanResult)
	}
	g.int(serial).int(1+which/4).int(which+1).int(patient).maybe(v.flag, !v.flagNull)
	if serial%3 == 0 {
		g.int(which)
	} else {
		g.null()
	}
	g.time(day).time(day.Add(44 * time.Minute))
	if v.noRange {
		g.null().null().str("")
	} else {
		g.raw(float(t.low)).raw(float(t.high)).str(fmt.Sprintf("%.*f-%.*f", t.digits, t.low, t.digits, t.high))
	}
	if v.numeric == "" {
		g.null()
	} else {
		g.raw(v.numeric)
	}
	g.str(v.value).str(v.unit).time(day.Add(14 * time.Hour))
	if p.username != "" && serial%2 == 0 {
		g.int(1).str(`["` + p.username + `"]`)
	} else {
		g.int(0).str("[]")
	}
	g.time(g.opt.Now.Add(-time.Duration(serial%9999) * time.Minute)).time(day.Add(24 * time.Hour)).emit(v.traps...)
}

// read is an ordinary result.
func read(r *rand.Rand, t test) reading {
	middle, width := (t.low+t.high)/2, t.high-t.low
	x := max(0, middle+r.NormFloat64()*width/3)
	v := reading{value: strconv.FormatFloat(x, 'f', t.digits, 64), unit: t.unit, flag: "N"}
	rounded, _ := strconv.ParseFloat(v.value, 64) // just written by FormatFloat
	switch {
	case rounded > t.high+width:
		v.flag = "C"
	case rounded > t.high:
		v.flag = "H"
	case rounded < t.low:
		v.flag = "L"
	}
	v.numeric = float(rounded)
	return v
}

// trap makes something peculiar of every sixth result or so.
func (v *reading) trap(r *rand.Rand, t test, serial int) {
	switch serial % 97 {
	case 3, 40:
		v.set(pick(r, words()), TextResult)
	case 11:
		v.set("<"+strconv.FormatFloat(t.low+0.5, 'f', 1, 64), ComparedResult)
	case 12:
		v.set(">1000", ComparedResult)
	case 13:
		v.set(">= 60", ComparedResult)
		v.numeric, v.traps = "60", append(v.traps[:1], NumericDiffers)
	case 21:
		v.set("", EmptyResult)
	case 22:
		v.set(strings.Repeat("Échantillon insuffisant; répéter. ", 7), LongResult, TextResult)
	case 31:
		v.numeric, v.traps = float(t.low), append(v.traps, NumericDiffers)
	case 32:
		v.numeric, v.traps = "", append(v.traps, NumericNull)
	}
	switch serial % 41 {
	case 5:
		v.noRange, v.traps = true, append(v.traps, NoRange)
	case 6, 7:
		v.unit, v.traps = t.odd, append(v.traps, OddUnit)
	case 8:
		v.flagNull, v.traps = true, append(v.traps, FlagNull)
	case 9:
		v.flag, v.traps = "", append(v.traps, FlagNull)
	case 10:
		v.flag, v.traps = "**", append(v.traps, FlagOdd)
	}
}

// set makes a result that is no plain number.
func (v *reading) set(value string, traps ...Trap) {
	v.value, v.numeric, v.traps = value, "", append(append(v.traps, traps...), NumericNull)
}

// float is a number as MariaDB prints a FLOAT: six digits at most.
func float(x float64) string { return strconv.FormatFloat(x, 'g', 6, 32) }

func (g *generator) oldControls() {
	for i, t := range tests()[:5] {
		g.control(i, t).str("2016-06-10 11:38:13").str("2002-01-01 00:00:00").null().str("2017-01-01 00:00:00").str(urlOf(t, "en")).str(urlOf(t, "fr")).null().emit()
	}
}

func (g *generator) oldExpressions() {
	for i, t := range tests()[:6] {
		var traps []Trap
		control := i + 1
		if i == 5 {
			control, traps = 0, []Trap{UnlinkedExpression}
		}
		g.int(i + 1).int(control).str(t.en).str("2016-06-10 11:38:13").str("2000-01-01 00:00:00").null().str("2017-01-01 00:00:00").null().emit(traps...)
	}
}

// oldResults writes two results of every fifth patient in the older table.
func (g *generator) oldResults() {
	serial := 1
	for n := 0; n < g.opt.Patients; n += 5 {
		p, r := g.person(n), g.chance("old results", n)
		for i := range 2 {
			which := r.IntN(5)
			t := tests()[which]
			v := read(r, t)
			if serial%10 == 4 {
				v.set("NEG", TextResult)
				v.traps = []Trap{TextResult}
			}
			if v.numeric == "" {
				v.numeric = "0"
			}
			day := time.Date(2016, 3, 1+n%28, 9+i, 15, 0, 0, time.UTC)
			g.int(serial).null().int(n % 3).int(which + 1).int(which + 1).int(p.serial).int(1).str(strconv.Itoa(70000 + serial)).str(t.en[:min(30, len(t.en))]).str(t.code).str(strings.Replace(v.flag, "N", "", 1)).time(day)
			g.raw(float(t.high)).raw(float(t.low)).str(pick(r, []string{"Y", "Y", "N"})).raw(v.numeric).str(v.value).str(v.unit).str(pick(r, []string{"Y", "Y", "Y", "N"})).time(day.Add(time.Hour)).int(0).time(day.Add(30 * time.Hour)).emit(v.traps...)
			serial++
		}
	}
}
