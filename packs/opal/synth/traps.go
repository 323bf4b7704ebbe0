package synth

// Trap is a peculiarity of the legacy data that a migration must survive.
type Trap string

// The traps.
const (
	ZeroDeath          Trap = "death date 0000-00-00 00:00:00"
	NullDeath          Trap = "death date NULL"
	DeathNearMidnight  Trap = "death in the last hours of a day, so that it is the next day in UTC"
	ZeroDate           Trap = "zero date in a column that must not be NULL"
	Placeholder        Trap = "patient with number 0 that stands for nobody"
	StandIn            Trap = "patient row that stands in for a caregiver"
	LanguageSN         Trap = "language SN"
	AccessLevel2       Trap = "access level 2"
	OtherSex           Trap = "sex Other or Unknown"
	BirthWithTime      Trap = "date of birth with a time of day"
	BadRAMQ            Trap = "health number that is none"
	EmptyRAMQ          Trap = "health number empty"
	SharedRAMQ         Trap = "health number of another patient"
	PhoneNull          Trap = "telephone number NULL"
	PhoneZero          Trap = "telephone number 0"
	PhoneInvalid       Trap = "telephone number that is none in Canada"
	NoControl          Trap = "patient without a row in PatientControl"
	TestUser           Trap = "test user"
	Wide               Trap = "text beyond latin1 in a utf8mb4 column"
	BeyondISO          Trap = "euro sign or ligature, which latin1 has and ISO 8859-1 has not"
	DoubleEncoded      Trap = "text that was encoded twice"
	Blanks             Trap = "text with blanks at its ends, line ends, quotes or backslashes"
	EmptyAlias         Trap = "alias empty or NULL"
	SeveralMRNs        Trap = "several record numbers of a patient at one site"
	InactiveMRN        Trap = "record number that is not active"
	LongMRN            Trap = "record number of 11 to 20 characters"
	SharedMRN          Trap = "record number of another patient at the same site"
	UnknownSite        Trap = "record number of a site that is not in the list"
	LongSite           Trap = "site code of more than 10 characters"
	SharedUsername     Trap = "user name of another account"
	SeveralAccounts    Trap = "patient with two accounts"
	OrphanAccount      Trap = "account of a patient who does not exist"
	NoPassword         Trap = "account without a password hash"
	LongQuestion       Trap = "security question of more than 100 characters"
	LongAnswer         Trap = "security answer that is no hash and longer than 128 characters"
	OrphanAnswer       Trap = "security answer of a patient who does not exist"
	DeviceWithoutUser  Trap = "device without a user name"
	DeviceTwice        Trap = "device that is there twice by patient and device"
	DeviceUnknown      Trap = "device of an unknown type"
	DeviceLocked       Trap = "device locked after wrong answers"
	ZeroEnd            Trap = "appointment whose actual end is a zero date"
	OrphanAppointment  Trap = "appointment of a patient who does not exist"
	Deleted            Trap = "appointment deleted in its source"
	EndsEarly          Trap = "appointment that ends before it begins"
	SpringGap          Trap = "local time that the clock skipped"
	TextResult         Trap = "result in words"
	ComparedResult     Trap = "result with a comparator"
	EmptyResult        Trap = "result empty"
	LongResult         Trap = "result that is a long comment"
	NumericNull        Trap = "numeric result NULL"
	NumericDiffers     Trap = "numeric result that is not the one in the text"
	NoRange            Trap = "result without a normal range"
	OddUnit            Trap = "unit in an unusual spelling"
	FlagNull           Trap = "abnormal flag NULL or empty"
	FlagOdd            Trap = "abnormal flag outside the list"
	OrphanResult       Trap = "result of a patient who does not exist"
	DoctorIsClinic     Trap = "doctor who is a clinic"
	UnlinkedExpression Trap = "expression without a row that names it for patients"
)

// Traps are all traps. A dump of 200 patients or more holds each at least once.
func Traps() []Trap {
	return []Trap{ZeroDeath, NullDeath, DeathNearMidnight, ZeroDate, Placeholder, StandIn, LanguageSN, AccessLevel2, OtherSex, BirthWithTime, BadRAMQ, EmptyRAMQ,
		SharedRAMQ, PhoneNull, PhoneZero, PhoneInvalid, NoControl, TestUser, Wide, BeyondISO, DoubleEncoded, Blanks, EmptyAlias, SeveralMRNs, InactiveMRN, LongMRN,
		SharedMRN, UnknownSite, LongSite, SharedUsername, SeveralAccounts, OrphanAccount, NoPassword, LongQuestion, LongAnswer, OrphanAnswer, DeviceWithoutUser,
		DeviceTwice, DeviceUnknown, DeviceLocked, ZeroEnd, OrphanAppointment, Deleted, EndsEarly, SpringGap, TextResult, ComparedResult, EmptyResult, LongResult,
		NumericNull, NumericDiffers, NoRange, OddUnit, FlagNull, FlagOdd, OrphanResult, DoctorIsClinic, UnlinkedExpression}
}
