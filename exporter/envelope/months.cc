// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/months.h"

#include <algorithm>

namespace mre {
namespace {

// Abbreviated month names of 58 locales: LC_TIME abmon and ab_alt_mon of glibc 2.36, and the abbreviated
// months of CLDR 45 (Babel), without the dot that ends some of them. Sorted by their bytes.
constexpr std::string_view kMonths[] = {
    "10月",     "10월",    "11月",    "11월",    "12月",    "12월",    "1月",     "1월",      "2月",
    "2월",      "3月",     "3월",     "4月",     "4월",     "5月",     "5월",     "6月",      "6월",
    "7月",      "7월",     "8月",     "8월",     "9月",     "9월",     "Abr",     "Ago",      "Agu",
    "Aib",      "Ara",     "Avq",     "Aws",     "Awst",    "Aww",     "Ağu",     "Beal",     "Chw",
    "Chwef",    "DFómh",   "Dek",     "Des",     "Dez",     "Dhj",     "Dis",     "Diċ",      "Ean",
    "Ebr",      "Eki",     "Eyl",     "Feabh",   "Fev",     "Fra",     "Gor",     "Gorff",    "Gsh",
    "Haz",      "Hyd",     "Ion",     "Iúil",    "Juli",    "Juni",    "Jän",     "Kas",      "Kor",
    "Lul",      "Lún",     "MFómh",   "Mac",     "Mai",     "Maj",     "Maw",     "Med",      "Medi",
    "Meh",      "Mei",     "Meith",   "Mej",     "Márta",   "Mär",     "März",    "Nis",      "Noll",
    "Noy",      "Nën",     "Oca",     "Ogo",     "Ogos",    "Okt",     "Ott",     "Out",      "Pri",
    "Qer",      "Rha",     "Rhag",    "Samh",    "Sen",     "Sept",    "Set",     "Shk",      "Sht",
    "Tach",     "Tem",     "Tet",     "Thg 1",   "Thg 10",  "Thg 11",  "Thg 12",  "Thg 2",    "Thg 3",
    "Thg 4",    "Thg 5",   "Thg 6",   "Thg 7",   "Thg 8",   "Thg 9",   "Tháng 1", "Tháng 10", "Tháng 11",
    "Tháng 12", "Tháng 2", "Tháng 3", "Tháng 4", "Tháng 5", "Tháng 6", "Tháng 7", "Tháng 8",  "Tháng 9",
    "Xan",      "Xul",     "Xuñ",     "Yan",     "abe",     "abr",     "abu",     "ag",       "ago",
    "aoû",      "août",    "api",     "apr",     "april",   "aug",     "avg",     "avq",      "avr",
    "avril",    "aza",     "bal",     "birž",    "bře",     "cze",     "de des",  "de febr",  "de gen",
    "de jul",   "de juny", "de maig", "de març", "de nov",  "de set",  "dec",     "dek",      "des",
    "dets",     "dez",     "dhj",     "dic",     "dub",     "déc",     "d’abr",   "d’ag",     "d’oct",
    "eka",      "elo",     "ene",     "feb",     "febr",    "fev",     "fév",     "févr",     "geg",
    "gen",      "giu",     "gru",     "gruod",   "gush",    "heinä",   "helmi",   "huhti",    "ian",
    "ira",      "iul",     "iun",     "iyl",     "iyn",     "jaan",    "jan",     "janv",     "joulu",
    "jui",      "juil",    "juill",   "juin",    "jul",     "juli",    "jun",     "juni",     "juny",
    "juuli",    "juuni",   "júl",     "jún",     "jūl",     "jūn",     "kesä",    "kol",      "korr",
    "kov",      "kvě",     "kwi",     "lapkr",   "led",     "liep",    "lip",     "lis",      "loka",
    "lug",      "lut",     "maalis",  "mag",     "mai",     "maig",    "maijs",   "maio",     "maj",
    "mar",      "marras",  "mars",    "marts",   "març",    "may",     "maí",     "mei",      "mrt",
    "máj",      "márc",    "märts",   "nov",     "noy",     "nën",     "nóv",     "oct",      "okt",
    "ots",      "ott",     "out",     "ožu",     "paź",     "pri",     "pro",     "qer",      "rugp",
    "rugs",     "ruj",     "saus",    "sen",     "sep",     "sept",    "set",     "shk",      "sht",
    "sie",      "sij",     "spal",    "srp",     "stu",     "sty",     "svi",     "syys",     "szept",
    "tammi",    "tet",     "thg 1",   "thg 10",  "thg 11",  "thg 12",  "thg 2",   "thg 3",    "thg 4",
    "thg 5",    "thg 6",   "thg 7",   "thg 8",   "thg 9",   "touko",   "tra",     "urr",      "urt",
    "uzt",      "vas",     "veebr",   "velj",    "wrz",     "xan",     "xul",     "xuño",     "yan",
    "zář",      "ágú",     "ápr",     "úno",     "čec",     "čen",     "čvc",     "čvn",      "Ġun",
    "İyl",      "İyn",     "říj",     "Şub",     "Απρ",     "Αυγ",     "Αύγ",     "Δεκ",      "Ιαν",
    "Ιουλ",     "Ιουν",    "Ιούλ",    "Ιούν",    "Μάι",     "Μάρ",     "Μαΐ",     "Μαρ",      "Νοέ",
    "Νοε",      "Οκτ",     "Σεπ",     "Φεβ",     "Ақп",     "Жел",     "Мам",     "Мау",      "Нау",
    "Сәу",      "Там",     "Шіл",     "авг",     "апр",     "ақп",     "бер",     "вер",      "гру",
    "груд",     "дек",     "дец",     "жел",     "жні",     "жов",     "жовт",    "июл",      "июль",
    "июн",      "июнь",    "кас",     "кві",     "квіт",    "кра",     "лип",     "лис",      "лист",
    "лют",      "ліп",     "ліс",     "май",     "мам",     "мар",     "март",    "мау",      "мая",
    "мај",      "нау",     "нов",     "ное",     "ноя",     "нояб",    "окт",     "сак",      "сен",
    "сент",     "сеп",     "сер",     "серп",    "сне",     "сту",     "січ",     "сәу",      "там",
    "тра",      "трав",    "феб",     "фев",     "февр",    "чер",     "черв",    "чэр",      "шіл",
    "юли",      "юни",     "янв",     "яну",     "јан",     "јул",     "јун",     "Қаз",      "Қар",
    "Қаң",      "Қыр",     "қаз",     "қар",     "қаң",     "қыр",     "אוג",     "אוג׳",     "אוק",
    "אוק׳",     "אפר",     "אפר׳",    "דצמ",     "דצמ׳",    "יול",     "יולי",    "יונ",      "יוני",
    "ינו",      "ינו׳",    "מאי",     "מרץ",     "נוב",     "נוב׳",    "ספט",     "ספט׳",     "פבר",
    "פבר׳",     "آوریل",   "أبر",     "أبريل",   "أغس",     "أغسطس",   "أكت",     "أكتوبر",   "اكتبر",
    "اوت",      "اکتبر",   "دسامبر",  "ديس",     "ديسمبر",  "سبت",     "سبتمبر",  "سپتامبر",  "فبر",
    "فبراير",   "فوریه",   "مار",     "مارس",    "ماي",     "مايو",    "مه",      "نوامبر",   "نوف",
    "نوفمبر",   "ينا",     "يناير",   "يول",     "يوليو",   "يون",     "يونيو",   "ژانویه",   "ژوئن",
    "ژوئیه",    "अक्टू॰",    "अक्तू॰",    "अग॰",     "अप्रैल",    "जन॰",     "जुल॰",     "जून",       "दिस॰",
    "नव॰",      "फ़र॰",     "मई",      "मार्च",    "सित॰",    "ก.ค",     "ก.พ",     "ก.ย",      "ต.ค",
    "ธ.ค",      "พ.ค",     "พ.ย",     "ม.ค",     "มิ.ย",     "มี.ค",     "ส.ค",     "เม.ย",     "აგვ",
    "აპრ",      "დეკ",     "თებ",     "იან",     "ივლ",     "ივნ",     "მაი",     "მარ",      "ნოე",
    "ოქტ",      "სექ"};
static_assert(std::ranges::is_sorted(kMonths));

constexpr std::string_view kEnglish[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::size_t month_length(std::string_view text) {
  if (std::ranges::any_of(kEnglish, [&](std::string_view month) { return text.starts_with(month); }))
    return 3;
  if (text.empty()) return 0;
  const auto first = [](std::string_view month) { return static_cast<unsigned char>(month.front()); };
  std::size_t longest = 0;
  for (const std::string_view month :
       std::ranges::equal_range(kMonths, static_cast<unsigned char>(text.front()), {}, first)) {
    if (text.starts_with(month)) longest = std::max(longest, month.size());
  }
  return longest > 0 && text.substr(longest).starts_with('.') ? longest + 1 : longest;
}

}  // namespace mre
