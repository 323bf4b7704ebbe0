package synth

import (
	"strconv"
	"time"
)

// otherTables are some of those that the Opal pack does not cover.
func otherTables() []*table {
	return []*table{
		{database: "OpalDB", name: "Cron", keys: []string{key("CronSerNum")}, fill: func(g *generator) {
			g.int(1).str("2026-01-01").str("Minutes").str("11:53:06").int(3).time(g.opt.Now).emit()
		},
			columns: []string{"`CronSerNum` " + serial, "`NextCronDate` date NOT NULL", "`RepeatUnits` varchar(50) NOT NULL", "`NextCronTime` time NOT NULL", "`RepeatInterval` " + number, "`LastCron` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()"}},
		{database: "OpalDB", name: "CronLog", fill: (*generator).cronLog, columns: []string{"`CronLogSerNum` " + serial, "`CronSerNum` " + number, "`CronStatus` varchar(25) NOT NULL", "`CronDateTime` " + moment},
			keys: []string{key("CronLogSerNum"), "CONSTRAINT `CronLog_ibfk_1` FOREIGN KEY (`CronSerNum`) REFERENCES `Cron` (`CronSerNum`) ON UPDATE CASCADE"}},
		{database: "OpalDB", name: "PatientActivityLog", fill: (*generator).activity, keys: []string{key("ActivitySerNum")}, columns: []string{"`ActivitySerNum` " + serial, "`Request` varchar(255) NOT NULL", "`Parameters` varchar(2048) DEFAULT ''",
			"`TargetPatientId` " + numberNull, "`Username` varchar(255) NOT NULL", "`DeviceId` varchar(255) NOT NULL", "`SessionId` text NOT NULL DEFAULT ''", "`DateTime` " + moment, updated, "`AppVersion` varchar(50) NOT NULL"}},
		{database: "OpalDB", name: "Diagnosis", fill: (*generator).diagnoses, keys: []string{key("DiagnosisSerNum")}, columns: []string{"`DiagnosisSerNum` " + serial, "`PatientSerNum` " + number, "`SourceDatabaseSerNum` " + number, "`DiagnosisAriaSer` varchar(32) NOT NULL",
			"`DiagnosisCode` varchar(50) NOT NULL", "`Description_EN` varchar(200) NOT NULL", "`Description_FR` varchar(255) NOT NULL", "`Stage` varchar(32) DEFAULT NULL", "`StageCriteria` varchar(32) DEFAULT NULL", "`CreationDate` " + moment,
			"`createdBy` varchar(128) NOT NULL DEFAULT 'CronJob'", updated, "`updatedBy` varchar(128) NOT NULL DEFAULT 'CronJob'"}},
		{database: "OpalDB", name: "Feedback", fill: func(*generator) {}, keys: []string{key("FeedbackSerNum")}, columns: []string{"`FeedbackSerNum` " + serial, "`FeedbackContent` text NOT NULL"},
			behind: "/*!50001 CREATE VIEW `v_nobody` AS SELECT\n 1 AS `nobody` */;\n"},
		{database: "QuestionnaireDB", name: "answerTextBox", fill: (*generator).textAnswers, keys: []string{key("ID")}, columns: []string{"`ID` bigint(20) NOT NULL AUTO_INCREMENT", "`answerId` bigint(20) NOT NULL", "`value` text NOT NULL"}},
		{database: "OrmsDatabase", name: "Hospital", fill: (*generator).hospitals, keys: []string{key("HospitalId"), "UNIQUE KEY `HospitalCode` (`HospitalCode`)"}, columns: []string{"`HospitalId` " + serial, "`HospitalCode` varchar(50) NOT NULL",
			"`HospitalName` varchar(100) NOT NULL", "`Format` varchar(50) DEFAULT NULL"}},
	}
}

func (g *generator) cronLog() {
	for i := range 5 {
		g.int(i + 1).int(1).str("Good").time(g.opt.Now.AddDate(0, 0, -i)).emit()
	}
}

func (g *generator) activity() {
	id := 1
	for n := range g.opt.Patients {
		p, r := g.person(n), g.chance("activity", n)
		for range r.IntN(20) {
			g.int(id).str(pick(r, []string{"Login", "LabResults", "Checkin", "Logout"})).maybe(`{"page":"`+strconv.Itoa(id%9)+`"}`, id%2 == 0).int(p.serial).str(p.username).str("browser").str("").time(p.registered.Add(time.Duration(id%900) * time.Hour)).time(p.registered).str("1.12.2").emit()
			id++
		}
	}
}

func (g *generator) diagnoses() {
	for n := 0; n < g.opt.Patients; n += 3 {
		g.int(n/3 + 1).int(firstPatient + n).int(1).str(strconv.Itoa(20000 + n)).str("Z00.0").str("General examination").str("Examen général").null().null().time(g.opt.Now.AddDate(0, 0, -n%500)).str("CronJob").time(g.opt.Now).str("CronJob").emit()
	}
}

func (g *generator) textAnswers() {
	for i, s := range []string{"Très bien, merci.", "I'm \"fine\".\nReally.", ""} {
		g.int(i + 1).int(100 + i).str(s).emit()
	}
}

func (g *generator) hospitals() {
	for i, code := range siteCodes() {
		g.int(i+1).str(code).str("Hospital "+code).maybe("^[0-9]{7}$", i%2 == 0).emit()
	}
}
