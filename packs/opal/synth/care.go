package synth

import (
	"fmt"
	"strconv"
	"time"
)

func careTables() []*table {
	return []*table{
		{name: "Alias", fill: (*generator).aliases, keys: []string{key("AliasSerNum")}, columns: []string{"`AliasSerNum` " + serial, "`AliasType` varchar(25) NOT NULL", "`AliasUpdate` int(11) NOT NULL DEFAULT 0", "`AliasName_FR` varchar(100) NOT NULL",
			"`AliasName_EN` varchar(100) NOT NULL", "`AliasDescription_FR` text NOT NULL", "`AliasDescription_EN` text NOT NULL", "`EducationalMaterialControlSerNum` " + numberNull, "`HospitalMapSerNum` " + numberNull,
			"`SourceDatabaseSerNum` int(11) NOT NULL DEFAULT 1", "`ColorTag` varchar(25) NOT NULL DEFAULT '#777777'", "`WaitTimeValidity` tinyint(4) NOT NULL DEFAULT 1", sent, byUser, updated, session}},
		{name: "AliasExpression", fill: (*generator).expressions, columns: []string{"`AliasExpressionSerNum` " + serial, "`AliasSerNum` int(11) NOT NULL DEFAULT 0", "`masterSourceAliasId` bigint(20) DEFAULT NULL", "`ExpressionName` varchar(250) NOT NULL",
			"`Description` varchar(250) NOT NULL", sent, byUser, updated, session}, keys: []string{key("AliasExpressionSerNum"), "UNIQUE KEY `masterSourceAliasId` (`masterSourceAliasId`)",
			"CONSTRAINT `AliasExpression_ibfk_1` FOREIGN KEY (`AliasSerNum`) REFERENCES `Alias` (`AliasSerNum`) ON UPDATE CASCADE"}},
		{name: "Appointment", fill: (*generator).appointments, columns: appointmentColumns(), behind: appointmentTrigger, keys: []string{key("AppointmentSerNum"), "KEY `ix_Appointment_PatientSerNum` (`PatientSerNum`)",
			"CONSTRAINT `Appointment_ibfk_1` FOREIGN KEY (`AliasExpressionSerNum`) REFERENCES `AliasExpression` (`AliasExpressionSerNum`) ON UPDATE CASCADE",
			"CONSTRAINT `Appointment_ibfk_2` FOREIGN KEY (`PatientSerNum`) REFERENCES `Patient` (`PatientSerNum`) ON UPDATE CASCADE",
			"CONSTRAINT `Appointment_ibfk_3` FOREIGN KEY (`SourceDatabaseSerNum`) REFERENCES `SourceDatabase` (`SourceDatabaseSerNum`) ON UPDATE CASCADE"}},
		{name: "Doctor", fill: (*generator).doctors, keys: []string{key("DoctorSerNum"), "KEY `ix_Doctor_ResourceSerNum` (`ResourceSerNum`)"}, columns: []string{"`DoctorSerNum` " + serial, "`ResourceSerNum` " + number, "`SourceDatabaseSerNum` " + number,
			"`DoctorAriaSer` int(20) NOT NULL", "`FirstName` varchar(100) NOT NULL", "`LastName` varchar(100) NOT NULL", "`Role` varchar(100) NOT NULL", "`Workplace` varchar(100) NOT NULL", "`Email` text DEFAULT NULL", "`Phone` varchar(20) DEFAULT NULL",
			"`Address` text DEFAULT NULL", "`ProfileImage` varchar(255) NOT NULL", updated, "`BIO_EN` text DEFAULT NULL", "`BIO_FR` text DEFAULT NULL"}},
		{name: "PatientDoctor", fill: (*generator).patientDoctors, columns: []string{"`PatientDoctorSerNum` " + serial, "`PatientSerNum` " + number, "`DoctorSerNum` " + number, "`OncologistFlag` " + number, "`PrimaryFlag` " + number, updated},
			keys: []string{key("PatientDoctorSerNum"), "CONSTRAINT `PatientDoctor_ibfk_1` FOREIGN KEY (`DoctorSerNum`) REFERENCES `Doctor` (`DoctorSerNum`) ON UPDATE CASCADE",
				"CONSTRAINT `PatientDoctor_ibfk_2` FOREIGN KEY (`PatientSerNum`) REFERENCES `Patient` (`PatientSerNum`) ON UPDATE CASCADE"}},
		{name: "Resource", fill: (*generator).resources, keys: []string{key("ResourceSerNum")}, columns: []string{"`ResourceSerNum` " + serial, "`SourceDatabaseSerNum` " + number, "`ResourceAriaSer` int(11) NOT NULL DEFAULT 0", "`ResourceCode` varchar(128) NOT NULL",
			"`ResourceName` varchar(255) NOT NULL", "`ResourceType` varchar(1000) NOT NULL", updated}},
		{name: "ResourceAppointment", fill: (*generator).resourceAppointments, columns: []string{"`ResourceAppointmentSerNum` " + serial, "`ResourceSerNum` " + number, "`AppointmentSerNum` " + number, "`ExclusiveFlag` varchar(11) NOT NULL",
			"`PrimaryFlag` varchar(11) NOT NULL", "`DateAdded` " + moment, updated}, keys: []string{key("ResourceAppointmentSerNum"),
			"CONSTRAINT `ResourceAppointment_ibfk_1` FOREIGN KEY (`AppointmentSerNum`) REFERENCES `Appointment` (`AppointmentSerNum`) ON DELETE CASCADE ON UPDATE CASCADE"}},
		{name: "SourceDatabase", fill: (*generator).sources, keys: []string{key("SourceDatabaseSerNum")}, columns: []string{"`SourceDatabaseSerNum` " + serial, "`SourceDatabaseName` varchar(255) NOT NULL", "`Enabled` tinyint(4) NOT NULL DEFAULT 0"}},
	}
}

func appointmentColumns() []string {
	return []string{"`AppointmentSerNum` " + serial, "`AliasExpressionSerNum` " + number, "`CronLogSerNum` " + numberNull, "`PatientSerNum` " + number, "`SourceDatabaseSerNum` " + number, "`AppointmentAriaSer` " + numberNull, "`PrioritySerNum` " + number,
		"`DiagnosisSerNum` " + number, "`Status` varchar(100) NOT NULL", "`State` varchar(25) NOT NULL", "`ScheduledStartTime` " + moment, "`ScheduledEndTime` " + moment, "`ActualStartDate` " + moment, "`ActualEndDate` " + moment,
		"`Location` int(10) NOT NULL DEFAULT 10", "`RoomLocation_EN` varchar(100) NOT NULL", "`RoomLocation_FR` varchar(100) NOT NULL", "`Checkin` tinyint(4) NOT NULL", "`CheckinUsername` varchar(225) NOT NULL DEFAULT ''",
		"`ChangeRequest` tinyint(4) NOT NULL", "`DateAdded` " + moment, "`ReadStatus` " + number, "`ReadBy` longtext NOT NULL DEFAULT '[]'", "`SessionId` text NOT NULL", updated, "`SourceSystemID` varchar(100) NOT NULL"}
}

// appointmentTrigger is there so that a reader must pass over one.
const appointmentTrigger = "/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;\n/*!50003 SET sql_mode              = 'NO_ENGINE_SUBSTITUTION' */ ;\nDELIMITER ;;\n" +
	"/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `appointment_insert` BEFORE INSERT ON `Appointment` FOR EACH ROW BEGIN\n\t-- doesn't matter; it only says 'no'\n\tIF NEW.State = '' THEN SET NEW.State = 'Active'; END IF;\nEND */;;\n" +
	"DELIMITER ;\n/*!50003 SET sql_mode              = @saved_sql_mode */ ;\n"

// kinds of visits, in English and French.
func visits() [][2]string {
	return [][2]string{{"First visit", "Première visite"}, {"Follow-up", "Suivi"}, {"Blood test", "Prise de sang"}, {"Treatment", "Traitement"}, {"MRI of the brain", "IRM du cerveau"}, {"Physiotherapy", "Physiothérapie"},
		{"Dressing change", "Changement de pansement"}, {"Telephone call", "Appel téléphonique"}, {"Nutrition", "Diététique"}, {"Heart clinic", "Clinique du cœur"}}
}

func (g *generator) aliases() {
	for i, v := range visits() {
		g.int(i + 1).str("Appointment").int(1).str(v[1]).str(v[0]).str("<p>" + v[1] + " – venez à l’heure.</p>").str("<p>" + v[0] + ": please be on time.</p>")
		g.null().null().int(-1+i%2*2).str(fmt.Sprintf("#%06X", 0x101010*(i+1))).int(1).str("2000-01-01 00:00:00").null().time(g.opt.Now.AddDate(0, -i, 0)).maybe("n8"+strconv.Itoa(i), i%2 == 0).emit()
	}
}

const expressionsPerAlias = 3

func (g *generator) expressionCount() int { return expressionsPerAlias*len(visits()) + 1 }

func (g *generator) expressions() {
	for i := range g.expressionCount() {
		v, alias, traps := visits()[i/expressionsPerAlias%len(visits())], i/expressionsPerAlias+1, []Trap(nil)
		if alias > len(visits()) {
			alias, traps = 0, []Trap{UnlinkedExpression}
		}
		g.int(i + 1).int(alias)
		if i%4 == 3 {
			g.null()
		} else {
			g.int(1000 + i)
		}
		g.str(fmt.Sprintf(".%s-%02d", v[0][:3], i)).str(v[0] + " " + strconv.Itoa(i%expressionsPerAlias+1)).str("2022-01-21 17:58:01").null().str("2022-01-21 20:45:28").null().emit(traps...)
	}
}

func (g *generator) sources() {
	for i, name := range []string{"Local", "Aria", "MediVisit", "Mosaiq", "Oacis", "eRDV", "ORMS", "OpenEMR"} {
		n := i
		if i == 0 {
			n = -1
		}
		g.int(n).str(name).bool(n < 0 || n > 5).emit()
	}
}

func (g *generator) doctorCount() int { return 12 + g.opt.Patients/20 }

func (g *generator) doctors() {
	for n := range g.doctorCount() {
		r := g.chance("doctor", n)
		var traps []Trap
		first, last, role, place := pick(r, append(femaleNames(), maleNames()...)), pick(r, familyNames()), pick(r, []string{"Radiation Oncologist", "Family Doctor", "Oncologue médical", ""}), pick(r, []string{"Department of Oncology", "", "Clinique de l’Écorce"})
		if n%9 == 4 {
			traps = append(traps, DoctorIsClinic)
			first, last, role, place = "FGH", "Medical Records", "", ""
		}
		resource := n + 1
		if n%12 == 11 {
			resource = 0
		}
		g.int(n + 1).int(resource).int(1).int(r.IntN(9000)).str(first).str(last).str(role).str(place)
		g.maybe("", n%3 == 0).maybe(fmt.Sprintf("51455501%02d", n%100), n%5 != 2).maybe("M"+strconv.Itoa(n%9)+", Pavillon du Chêne", n%4 != 1).str(map[bool]string{true: "doctor" + strconv.Itoa(n) + ".jpg"}[n%3 == 1])
		g.time(g.opt.Now.AddDate(-6, 0, -n%400)).maybe("Likes trees.\nReads in them.", n%6 == 0).maybe("Aime les arbres.\nY lit.", n%6 == 0).emit(traps...)
	}
}

func (g *generator) patientDoctors() {
	id := 1
	for n := range g.opt.Patients {
		for i := range n % 4 {
			g.int(id).int(firstPatient + n).int(1 + (n*3+i)%g.doctorCount()).bool(i == 0).bool(i == 1).time(g.opt.Now.AddDate(-1, 0, -n%300)).emit()
			id++
		}
	}
}

func (g *generator) resourceCount() int { return g.doctorCount() + 8 }

func (g *generator) resources() {
	for n := range g.resourceCount() {
		r := g.chance("resource", n)
		name, kind := pick(r, familyNames())+", "+pick(r, maleNames())+", MD", "Doctor"
		if n >= g.doctorCount() {
			name, kind = fmt.Sprintf("Salle %d – côté jardin", n), pick(r, []string{"Room", "Machine", "Nurse", "Intake"})
		}
		g.int(n + 1).int(1 + n%2*6).int(n % 3 * 100).str(map[bool]string{true: "R-" + strconv.Itoa(n)}[n%2 == 0]).str(name).str(kind).time(g.opt.Now.AddDate(-5, 0, -n%300)).emit()
	}
}

// visit is what the tables have in common about an appointment.
type visit struct {
	serial, patient int
	start           time.Time
}

// eachVisit goes through all appointments, orphans among them.
func (g *generator) eachVisit(do func(v visit, p person, i int)) {
	serial := 1
	for n := range g.opt.Patients {
		p, r := g.person(n), g.chance("visits", n)
		for i := range r.IntN(2*g.opt.Appointments) + 1 {
			day := g.opt.Now.AddDate(0, 0, 60-r.IntN(1500)).Truncate(24 * time.Hour)
			do(visit{serial, p.serial, day.Add(time.Duration(8*60+5*r.IntN(100)) * time.Minute)}, p, i)
			serial++
		}
		if n%150 == 88 {
			do(visit{serial, g.missing() + n, g.opt.Now.Truncate(time.Hour)}, p, 1)
			serial++
		}
	}
}

func (g *generator) appointments() {
	g.eachVisit(func(v visit, p person, i int) {
		r := g.chance("appointment", v.serial)
		var traps []Trap
		if v.patient != p.serial {
			traps = append(traps, OrphanAppointment)
		}
		past := v.start.Before(g.opt.Now)
		status := "Open"
		if past {
			status = pick(r, []string{"Completed", "Completed", "Manually Completed", "Pt. CompltFinish", "Cancelled", "Cancelled - Patient No-Show", "In Progress"})
		}
		state := "Active"
		if v.serial%60 == 7 {
			state, traps = "Deleted", append(traps, Deleted)
		}
		long := time.Duration(10+5*r.IntN(12)) * time.Minute
		if v.serial%400 == 33 {
			long, traps = -long, append(traps, EndsEarly)
		}
		g.int(v.serial).int(1 + r.IntN(g.expressionCount()))
		if v.serial%3 == 0 {
			g.int(1)
		} else {
			g.null()
		}
		g.int(v.patient).int(1 + v.serial%2*6)
		if v.serial%5 == 0 {
			g.int(500000 + v.serial)
		} else {
			g.null()
		}
		g.int(r.IntN(3)).int(r.IntN(4) * 7).str(status).str(state).time(v.start).time(v.start.Add(long))
		g.actual(v, past, long, &traps)
		g.int(10).str(pick(r, []string{"", "Room 5", "DS1-A"})).str(pick(r, []string{"", "Salle 5", "Rez-de-chaussée"}))
		by := ""
		if past && p.username != "" && r.IntN(2) == 0 {
			by = `["` + p.username + `"]`
		}
		g.bool(by != "").str(by).int(v.serial % 70 / 69).time(v.start.AddDate(0, -1, 0)).bool(by != "").str(map[bool]string{true: by, false: "[]"}[by != ""]).str("")
		g.time(v.start.Add(5 * time.Hour)).str(strconv.Itoa(1300000 + v.serial)).emit(traps...)
	})
}

// actual writes when an appointment began and ended in fact.
func (g *generator) actual(v visit, past bool, long time.Duration, traps *[]Trap) {
	switch {
	case v.serial%300 == 41:
		*traps = append(*traps, SpringGap)
		g.time(springGap(g.opt.Now.Year() - 1))
	case past:
		g.time(v.start.Add(3 * time.Minute))
	default:
		*traps = append(*traps, ZeroDate)
		g.str(zeroDate)
	}
	if past && v.serial%4 != 0 {
		g.time(v.start.Add(long))
		return
	}
	*traps = append(*traps, ZeroEnd)
	g.str(zeroDate)
}

// springGap is a time that no clock in Montreal showed: half past two on the second Sunday of March.
func springGap(year int) time.Time {
	t := time.Date(year, time.March, 8, 2, 30, 0, 0, time.UTC)
	for t.Weekday() != time.Sunday {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

func (g *generator) resourceAppointments() {
	id := 1
	g.eachVisit(func(v visit, p person, i int) {
		for j := range v.serial % 3 {
			g.int(id).int(1 + (v.serial+j)%g.resourceCount()).int(v.serial).str(pick(g.chance("exclusive", id), []string{"0", "1"})).str(strconv.Itoa(1 - j)).time(v.start.AddDate(0, -1, 0)).time(v.start.AddDate(0, -1, 1)).emit()
			id++
		}
	})
}
