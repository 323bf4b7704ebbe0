package synth

func accountTables() []*table {
	return []*table{
		{name: "Hospital_Identifier_Type", fill: (*generator).sites, columns: []string{"`Hospital_Identifier_Type_Id` " + serial, "`Code` varchar(20) NOT NULL", "`ADT_Web_Service_Code` varchar(20) NOT NULL",
			"`Description_EN` varchar(250) NOT NULL", "`Description_FR` varchar(250) NOT NULL"}, keys: []string{key("Hospital_Identifier_Type_Id"), "UNIQUE KEY `Code` (`Code`)"}},
		{name: "Patient", fill: (*generator).patients, columns: patientColumns(), keys: []string{key("PatientSerNum"), "KEY `ix_Patient_PatientAriaSer` (`PatientAriaSer`)"}},
		{name: "PatientControl", fill: (*generator).controls, columns: []string{"`PatientSerNum` " + number, "`PatientUpdate` int(11) NOT NULL DEFAULT 1", sent, updated, "`TransferFlag` smallint(6) NOT NULL DEFAULT 0"},
			keys: []string{key("PatientSerNum"), "CONSTRAINT `PatientControl_ibfk_1` FOREIGN KEY (`PatientSerNum`) REFERENCES `Patient` (`PatientSerNum`) ON UPDATE CASCADE"}},
		{name: "PatientDeviceIdentifier", fill: (*generator).devices, columns: deviceColumns(), keys: []string{key("PatientDeviceIdentifierSerNum"),
			"UNIQUE KEY `ix_PatientDeviceIdentifier_Unique_Username_DeviceId` (`Username`,`DeviceId`)", "KEY `ix_PatientDeviceIdentifier_PatientSerNum` (`PatientSerNum`)"}},
		{name: "Patient_Hospital_Identifier", fill: (*generator).recordNumbers, history: true, options: " WITH SYSTEM VERSIONING",
			given:   " (`Patient_Hospital_Identifier_Id`, `PatientSerNum`, `Hospital_Identifier_Type_Code`, `MRN`, `Is_Active`, row_start, row_end)",
			columns: []string{"`Patient_Hospital_Identifier_Id` " + serial, "`PatientSerNum` " + number, "`Hospital_Identifier_Type_Code` varchar(20) NOT NULL", "`MRN` varchar(20) NOT NULL", "`Is_Active` tinyint(1) NOT NULL DEFAULT 1"},
			keys: []string{key("Patient_Hospital_Identifier_Id"), "UNIQUE KEY `IX_PatientHospitalIdentifier` (`PatientSerNum`,`Hospital_Identifier_Type_Code`,`MRN`)",
				"CONSTRAINT `Patient_Hospital_Identifier_ibfk_1` FOREIGN KEY (`Hospital_Identifier_Type_Code`) REFERENCES `Hospital_Identifier_Type` (`Code`)",
				"CONSTRAINT `Patient_Hospital_Identifier_ibfk_2` FOREIGN KEY (`PatientSerNum`) REFERENCES `Patient` (`PatientSerNum`)"}},
		{name: "SecurityAnswer", fill: (*generator).answers, columns: []string{"`SecurityAnswerSerNum` " + serial, "`SecurityQuestionSerNum` " + number, "`PatientSerNum` " + number, "`AnswerText` varchar(2056) NOT NULL", "`CreationDate` " + moment, updated},
			keys: []string{key("SecurityAnswerSerNum"), "UNIQUE KEY `SecurityQuestionSerNum` (`SecurityQuestionSerNum`,`PatientSerNum`)",
				"CONSTRAINT `SecurityAnswer_ibfk_1` FOREIGN KEY (`PatientSerNum`) REFERENCES `Patient` (`PatientSerNum`) ON DELETE CASCADE ON UPDATE CASCADE",
				"CONSTRAINT `SecurityAnswer_ibfk_2` FOREIGN KEY (`SecurityQuestionSerNum`) REFERENCES `SecurityQuestion` (`SecurityQuestionSerNum`) ON UPDATE CASCADE"}},
		{name: "SecurityQuestion", fill: (*generator).questions, columns: []string{"`SecurityQuestionSerNum` " + serial, "`QuestionText_EN` varchar(2056) NOT NULL", "`QuestionText_FR` varchar(2056) NOT NULL", "`CreationDate` " + moment, updated,
			"`Active` tinyint(4) NOT NULL DEFAULT 0 COMMENT 'on or off'"}, keys: []string{key("SecurityQuestionSerNum")}},
		{name: "Users", fill: (*generator).users, columns: []string{"`UserSerNum` " + serial, "`UserType` varchar(255) NOT NULL", "`UserTypeSerNum` " + number, "`Username` varchar(255) NOT NULL", "`Password` varchar(255) NOT NULL",
			"`SessionId` text DEFAULT ''", updated}, keys: []string{key("UserSerNum"), "KEY `ix_Users_UserType` (`UserType`)", "KEY `ix_Users_UserTypeSerNum` (`UserTypeSerNum`)"}},
	}
}

func patientColumns() []string {
	return []string{"`PatientSerNum` " + serial, "`PatientAriaSer` int(11) NOT NULL DEFAULT 0", "`PatientId` varchar(50) NOT NULL DEFAULT ''", "`PatientId2` varchar(50) NOT NULL DEFAULT ''", "`FirstName` varchar(50) NOT NULL",
		"`LastName` varchar(50) NOT NULL", "`Alias` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT ''", "`ProfileImage` longtext DEFAULT NULL", "`Sex` varchar(25) NOT NULL", "`DateOfBirth` " + moment,
		"`Age` int(11) DEFAULT NULL", "`TelNum` bigint(11) DEFAULT 0", "`EnableSMS` tinyint(4) NOT NULL DEFAULT 0", "`Email` varchar(50) NOT NULL", "`Language` enum('EN','FR','SN') NOT NULL", "`SSN` varchar(16) NOT NULL",
		"`AccessLevel` enum('1','2','3') NOT NULL DEFAULT '1'", "`RegistrationDate` datetime NOT NULL DEFAULT current_timestamp()", "`ConsentFormExpirationDate` datetime DEFAULT NULL", "`BlockedStatus` tinyint(4) NOT NULL DEFAULT 0",
		"`StatusReasonTxt` text NOT NULL DEFAULT ''", "`DeathDate` datetime DEFAULT NULL", "`SessionId` text NOT NULL DEFAULT ''", updated, "`TestUser` tinyint(4) NOT NULL DEFAULT 0",
		"`TermsAndAgreementSign` tinyint(4) DEFAULT NULL", "`TermsAndAgreementSignDateTime` datetime DEFAULT NULL"}
}

func deviceColumns() []string {
	return []string{"`PatientDeviceIdentifierSerNum` " + serial, "`PatientSerNum` int(11) NOT NULL DEFAULT 0", "`DeviceId` varchar(255) NOT NULL", "`appVersion` varchar(16) NOT NULL", "`RegistrationId` varchar(256) NOT NULL",
		"`DeviceType` tinyint(4) NOT NULL", "`SessionId` text NOT NULL DEFAULT ''", "`SecurityAnswerSerNum` int(11) DEFAULT NULL", "`Attempt` int(11) NOT NULL DEFAULT 0", "`Trusted` tinyint(1) NOT NULL DEFAULT 0",
		"`TimeoutTimestamp` timestamp NULL DEFAULT NULL", updated, "`Username` varchar(255) NOT NULL DEFAULT ''", "`SecurityAnswer` varchar(256) NOT NULL DEFAULT ''"}
}
