"""Names of months, weekdays, halves of the day and time zones, as feeds write them (folded: lower case, no accents)."""

from __future__ import annotations

# English, German, French, Spanish, Italian, Portuguese, Dutch, the Nordic languages, Polish, Czech, Russian, Turkish,
# Hungarian and Greek; first the whole name, then what it is cut to.
_MONTHS = (
    "january jan januar janner januari janvier janv enero ene gennaio gen janeiro tammikuu stycznia styczen sty "
    "ledna leden января январь янв ocak oca ιανουαριου ιαν sijecanj",
    "february feb februar februari fevrier fev fevr febrero febbraio fevereiro helmikuu lutego luty lut unora "
    "unor февраля февраль фев февр subat sub φεβρουαριου φεβ",
    "march mar marz maerz mrz mars marzo marco maart mrt maaliskuu marca marzec brezna brezen марта март мар mart "
    "marcius marc μαρτιου μαρ",
    "april apr avril avr abril abr aprile huhtikuu kwietnia kwiecien kwi dubna duben апреля апрель апр nisan nis "
    "aprilis απριλιου απρ",
    "may mai mayo maggio mag maio mei maj toukokuu maja kvetna kveten мая май mayis majus μαιου μαιος μαϊ μαι",
    "june jun juni juin junio giugno giu junho kesakuu czerwca czerwiec cze cervna cerven июня июнь июн haziran "
    "haz junius ιουνιου ιουν",
    "july jul juli juillet juil julio luglio lug julho heinakuu lipca lipiec lip cervence cervenec июля июль июл "
    "temmuz tem julius ιουλιου ιουλ",
    "august aug aout agosto ago augustus augusti elokuu sierpnia sierpien sie srpna srpen августа август авг "
    "agustos agu augusztus αυγουστου αυγ",
    "september sep sept septembre septiembre settembre set setembro syyskuu wrzesnia wrzesien wrz zari сентября "
    "сентябрь сен сент eylul eyl szeptember szept σεπτεμβριου σεπ σεπτ",
    "october oct oktober okt octobre octubre ottobre ott outubro out lokakuu pazdziernika pazdziernik paz rijna "
    "rijen октября октябрь окт ekim eki οκτωβριου οκτ",
    "november nov novembre noviembre novembro marraskuu listopada listopad lis ноября ноябрь ноя нояб kasim kas "
    "νοεμβριου νοε",
    "december dec dezember dez decembre diciembre dic dicembre dezembro joulukuu grudnia grudzien gru prosince "
    "prosinec декабря декабрь дек aralik ara δεκεμβριου δεκ",
)
_WEEKDAYS = (
    "monday mon mo montag lundi lun lunes lunedi segunda maandag ma mandag man poniedzialek pon pondeli "
    "понедельник пн pazartesi hetfo δευτερα δευ",
    "tuesday tue tues di dienstag mardi mar martes martedi mart terca dinsdag tirsdag tir tisdag tis wtorek wt "
    "utery вторник вт sali kedd τριτη τρι",
    "wednesday wed weds mi mittwoch mercredi mer miercoles mie mercoledi quarta qua woensdag wo onsdag ons sroda "
    "sr streda среда ср carsamba szerda τεταρτη τετ",
    "thursday thu thur thurs do donnerstag jeudi jeu jueves jue giovedi gio quinta qui donderdag torsdag tor "
    "czwartek czw ctvrtek четверг чт persembe csutortok πεμπτη πεμ",
    "friday fri fr freitag vendredi ven viernes vie venerdi sexta sex vrijdag vr fredag fre piatek pt patek "
    "пятница пт cuma pentek παρασκευη παρ",
    "saturday sat sa samstag sonnabend samedi sam sabado sab sabato zaterdag za lordag lor sobota sob суббота сб "
    "cumartesi szombat σαββατο σαβ",
    "sunday sun so sonntag dimanche dim domingo dom domenica zondag zo sondag son niedziela nd nedele воскресенье "
    "вс pazar vasarnap κυριακη κυρ",
)

MONTHS = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}
WEEKDAYS = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}

HALVES = {"오전": "am", "오후": "pm", "上午": "am", "下午": "pm", "午前": "am", "午後": "pm"}

# Minutes east of Greenwich. A letter stands for a military zone, which RFC 5322 says to read as UTC.
ZONES: dict[str, int] = {
    **dict.fromkeys("ABCDEFGHIKLMNOPQRSTUVWXYZ", 0),
    **dict.fromkeys(("UT", "UTC", "GMT", "WET", "N/A", "UCT", "ZULU"), 0),
    **dict.fromkeys(("BST", "IRISH", "WEST", "CET", "MET", "MEZ", "WAT"), 60),
    **dict.fromkeys(("CEST", "MEST", "MESZ", "EET", "SAST", "CAT"), 120),
    **dict.fromkeys(("EEST", "MSK", "EAT", "TRT"), 180),
    "MSD": 240,
    "GST": 240,
    "PKT": 300,
    "IST": 330,
    "NPT": 345,
    "ICT": 420,
    "WIB": 420,
    **dict.fromkeys(("HKT", "SGT", "AWST", "PHT", "MYT"), 480),
    **dict.fromkeys(("JST", "KST"), 540),
    "ACST": 570,
    "ACDT": 630,
    "AEST": 600,
    "AEDT": 660,
    "NZST": 720,
    "NZDT": 780,
    "NST": -210,
    "NDT": -150,
    "BRT": -180,
    "ART": -180,
    "ADT": -180,
    "AST": -240,
    "EDT": -240,
    "EST": -300,
    "ET": -300,
    "CDT": -300,
    "CST": -360,
    "CT": -360,
    "MDT": -360,
    "MST": -420,
    "MT": -420,
    "PDT": -420,
    "PST": -480,
    "PT": -480,
    "AKDT": -480,
    "AKST": -540,
    "HST": -600,
}
