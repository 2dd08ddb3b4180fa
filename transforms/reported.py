"""The grammar of reported speech: local grammars (`transforms.text.Rule`) over units of text, one letter each.

They are used in four passes: words into groups of saying (`CUE_GROUPS`), verbs and their subjects (`SUBJECTS`), cues
and where what they report begins (`CONTENTS`), and where it ends (`STOPS`).
"""

from __future__ import annotations

from transforms.text import Rule

ALPHABET = {
    # Units without width around each sentence, so that no rule needs to look beyond one.
    "begin": "B", "end": "Z",
    # Folded: quotations, names of people, groups of words of saying (cues) by how they stand to their subject.
    "quote": "Q", "person": "L", "cue": "C", "cue_inverted": "J", "cue_saying": "G", "cue_infinitive": "F",
    "denied": "X",
    # Nouns: capitalised, of those who speak, of speech, of intention, numbers, others.
    "name": "N", "source": "S", "gloss": "T", "intent": "z", "number": "#", "word": "n",
    "determiner": "d", "of": "e", "preposition": "p", "for": "l", "place": "P", "before": "y",
    "that": "k", "who": "r", "sub": "u", "and": "&", "pronoun": "R", "neuter": "j", "first": "1", "clitic": "c",
    "not": "x", "never": "o", "adverb": "m", "comment": "w", "according": "s",
    # Verbs: auxiliaries, others, and those of saying by form.
    "have": "A", "be": "E", "been": "b", "having": "a", "auxiliary": "H", "modal": "t", "modal_finite": "M",
    "verb": "f", "infinitive": "h", "finite": "V", "either": "D", "participle": "v", "to_say": "i", "saying": "g",
    "inverted": "W", "more": "+",
    "comma": ",", "colon": ":", "semicolon": ";", "opens": "(", "closes": ")", "dash": "-", "stop": ".",
}  # fmt: skip

# --- Groups of words of saying. `verb` is the word that decides what can follow.

_ADVERBS = "<adverb>{0,3}"
_ASIDE = "(?: <comma> <adverb|clitic|pronoun>+ <comma> )?"
_WEAK = {"negation": "<not>?", "clitics": "(?: <clitic|determiner> ){0,2}"}
_INVERTED = {"negation": "<not>?", "clitics": "<clitic|determiner>{0,2}"}
_SAID = {"verb": "<participle|either>", "more": "<more>*"}
_TO_SAY = {"verb": "<to_say>", "more": "<more>*"}
_LINK = "<of|preposition> <clitic>?"
CUE_GROUPS = [
    # « a tenu à souligner », « vient d'annoncer », « ne cesse de répéter ».
    Rule("modal_past", **_WEAK, open="<have>", _in=f"{_ADVERBS} <modal> {_ADVERBS} (?: {_LINK} )?", **_TO_SAY),
    Rule("modal", **_WEAK, open="<modal_finite>", _in=f"{_ADVERBS} {_LINK}", **_TO_SAY),
    # « s'est borné à dire ».
    Rule(
        "modal_reflexive",
        negation="<not>?",
        clitics="<clitic>",
        open="<be>",
        _in=f"{_ADVERBS} <modal> {_ADVERBS} {_LINK}",
        **_TO_SAY,
    ),
    # « a-t-elle fini par avouer ».
    Rule("modal_inverted", **_INVERTED, open="<auxiliary>", _in=f"{_ADVERBS} <modal> {_ADVERBS} {_LINK}", **_TO_SAY),
    # « a pour sa part évoqué », « s'est dit », « a-t-il affirmé ».
    Rule("past", **_WEAK, open="<have>", never="<never>?", _in=f"{_ADVERBS} {_ASIDE}", **_SAID),
    Rule("past_reflexive", negation="<not>?", clitics="<clitic>", open="<be>", never="<never>?", _in=_ADVERBS, **_SAID),
    Rule("past_inverted", **_INVERTED, open="<auxiliary>", never="<never>?", _in=_ADVERBS, **_SAID),
    # « affirme », « se dit », « s'emporte-t-il ».
    Rule("present", **_WEAK, verb="<finite|either>", more="<more>*", never="<never>?"),
    Rule("present_inverted", **_INVERTED, verb="<inverted>", more="<more>*", never="<never>?"),
    # « tout en ajoutant », « après avoir promis », « avant d'ajouter », « Et d'ajouter : ».
    Rule("gerund", lead="<adverb|neuter>? <preposition>?", clitics="<clitic>{0,2}", verb="<saying>", more="<more>*"),
    Rule(
        "having", lead="<preposition|place|for>?", **_INVERTED, open="<having>", never="<never>?", _in=_ADVERBS, **_SAID
    ),
    Rule("before", lead="<before> <of>", clitics="<clitic>{0,2}", **_TO_SAY),
    Rule("narrative", lead="<and> <of>", clitics="<clitic>{0,2}", **_TO_SAY),
    # « Et le maire d'ajouter que … ».
    Rule(
        "narrative_named",
        _start="<begin> <and> [^BZ,;:fAECVDJQ]{1,10}",
        lead="<of>",
        clitics="<clitic>{0,2}",
        **_TO_SAY,
    ),
]
CUE_LETTERS = {
    "modal_past": "C", "modal": "C", "past": "C", "past_reflexive": "C", "present": "C", "past_inverted": "J",
    "modal_inverted": "J", "modal_reflexive": "C", "present_inverted": "J", "gerund": "G", "having": "F",
    "before": "F", "narrative": "F", "narrative_named": "C",
}  # fmt: skip
# What every group has, be it empty.
CUE_PARTS = ("negation", "clitics", "open", "never", "lead", "more")

# --- Subjects.

_NOUN = "<word|gloss|name|person|source|number|participle|infinitive|intent|modal>"
_INSIDE = f"(?: {_NOUN} | <determiner|of|preposition|for|place|opens|closes|stop|adverb> )"
# All that stands before a verb, from an article or a name on, is one noun phrase: no more grammar is needed there.
_SIMPLE = f"(?: <determiner|name|person|number|source> {_INSIDE}{{0,24}} )"
_PHRASE = f"(?: {_SIMPLE} (?: <and> {_INSIDE}{{1,10}} ){{0,2}} )"
_APPOSITION = "(?: <comma> <verb>? [^BZ,;:CJXQkfAEHM\\-]{1,24} ){1,3} <comma>"
_RELATIVE = "(?: <comma> <preposition|word>? <who|sub> [^BZ;:]{1,40}? <comma> )"
_NAMED = "(?: <comma> (?: <determiner|word|source|name|number|of> ){0,6} <person> | <comma> <name>{1,4} )"
_IN_BRACKETS = "<opens> [^BZ()]{1,20} <closes> | <dash> [^BZ:;Q\\-]{1,20} <dash>"
_BESIDE = f"{_NAMED} | {_RELATIVE} | {_APPOSITION} | {_IN_BRACKETS} | <adverb>*"
_SET_OFF = "(?: <adverb>* | <comma> <adverb>+ <comma> )"
_FINITE = "<cue|denied|verb|have|be|auxiliary|finite|either|modal_finite>"
_VERB = f"(?: <not>? (?: <clitic|determiner>{{0,2}} )? {_FINITE} | <not>? <clitic>{{1,2}} <word> )"
# Behind the verb a noun phrase ends before a place or time: « a écrit le président américain sur Telegram ».
_TAIL = f"(?: {_NOUN} | <determiner|of|preposition|for|opens|closes|dash> ){{0,16}}"
_TITLED = f"<determiner|of>{{0,3}} <determiner|adverb|number>? <word>{{0,2}} <source|name|person> {_TAIL}"
_ONE_OF = "<determiner>{1,2} <of> <preposition>? <pronoun|clitic|word>"
_BEHIND = f"(?: {_TITLED} | {_ONE_OF} | <pronoun> | <determiner|of> {_NOUN}{{1,3}} )"
_SET_OFF_PLACE = "(?: <comma>? <place|preposition> [^BZ,;:CQ]{1,12} <comma> ){1,2}"
_WHERE = (
    "(?: (?: <comma>? <place|preposition> [^BZ,;:CQ]{1,12} <comma>"
    " | <place|preposition> <determiner>? <name|source|word>{1,3} (?: <of> <determiner>? <name|word>{1,2} )? )"
    " <adverb>* ){0,2}"
)
_EDGE = "<begin|comma|colon|semicolon|and|that|sub|quote|opens|closes|dash|comment>"
SUBJECTS = [
    Rule("left", _edge=_EDGE, speaker=_PHRASE, apposition=_BESIDE, _adverbs=_SET_OFF, verb=_VERB),
    Rule(
        "left_object", _edge="<verb|cue|adverb|have|be>", speaker=_SIMPLE, apposition=_BESIDE, _adverbs=_SET_OFF,
        verb=_VERB,
    ),
    Rule("left_some", _edge="<begin|and|that|quote|semicolon|colon>", speaker=f"<of> {_INSIDE}{{1,16}}", verb=_VERB),
    # « De nombreux élus, y compris les siens, … ».
    Rule(
        "left_several", _edge="<begin>", speaker=f"<of> <word> {_INSIDE}{{0,15}}", apposition=_APPOSITION, verb=_VERB
    ),
    # What a closed apposition or a name that opens the sentence meets is a verb, known or not.
    Rule("left_apposed", _edge=_EDGE, speaker=_SIMPLE, apposition=_APPOSITION, verb="<word>"),
    Rule("left_opening", _edge="<begin> (?: [^BZ;:CQ]{1,12} <comma> )?", speaker="<person>", verb="<word>"),
    Rule("left_relative", _edge=_EDGE, speaker=_PHRASE, _which="<who> [^BZ,;:CQ]{1,20}", verb=_VERB),
    # « Le pont, dont le maire assure que …, »
    Rule("left_inner", _edge="<comma> <that|sub>", speaker=_SIMPLE, _adverbs=_SET_OFF, verb="<cue|denied>"),
    Rule("left_person", speaker="<person>", _adverbs=_SET_OFF, verb="<cue|denied>"),
    Rule("left_pronoun", speaker="<pronoun|neuter|first>", _adverbs=_SET_OFF, verb=_VERB),
    Rule(
        "left_who", antecedent=_SIMPLE, _apposition="(?: <comma> [^BZ,;:CQrkAEHfMV]{1,16} )?",
        _comma="<comma|quote>? <and>?", speaker="<who>", _adverbs="<adverb>*", verb=_VERB,
    ),
    Rule(
        "right", verb="<cue>", _adverbs="<adverb>*",
        _where=f"(?: <comma> <adverb>+ (?: <comma> | {_SET_OFF_PLACE} ) | {_WHERE} )", speaker=_BEHIND,
        apposition=f"(?: {_NAMED} | <opens> [^BZ()]{{1,12}} <closes> )?",
    ),
]  # fmt: skip
# Which one counts where several rules give a verb a subject.
SIDE_RANK = {
    "left_pronoun": 0, "left_who": 1, "left": 2, "left_object": 2, "left_some": 2, "left_relative": 3, "left_inner": 3,
    "left_person": 4,
    "left_apposed": 5, "left_opening": 5, "left_several": 6,
}  # fmt: skip

# --- Contents. A rule finds where a content begins; it runs to the end of its sentence, or to the next of the stops,
# which take the report up again: another cue of the same source, a source of its own, a comment of the writer.

_ANY_CUE = "<cue|cue_inverted|cue_saying|cue_infinitive>"
_NEXT_SOURCE = "(?: <pronoun> | <determiner|name|person> [^BZ,;:CkQ]{0,10} )"
_SOURCE_BEHIND = "<cue> <adverb>* <determiner|name|person|source|pronoun>"
HARD_STOPS = [Rule("end", stop="<stop>* <end>"), Rule("semicolon", stop="<semicolon>")]
STOPS = [
    *HARD_STOPS,
    Rule("elided", stop="<comma>? <and>? <comma>? <adverb>* <cue_saying|cue_infinitive>"),
    Rule("coordinated", stop="<comma>? <and> <comma>? <adverb>* <cue|denied>"),
    Rule("other_source", stop=f"<comma> <and> <adverb>* {_NEXT_SOURCE} <cue|denied>"),
    Rule("main_clause", stop=f"<comma> {_NEXT_SOURCE} <cue> <adverb>* <that>"),
    Rule("relative", stop="<comma> (?: <that> <pronoun> | <who> ) <cue>"),
    Rule("gloss", stop="<comma> <of|determiner> <gloss|that|who>"),
    Rule("comment", stop="<comma>? <comment>"),
    Rule("inverted", stop=f"<comma> <adverb>* (?: <cue_inverted> | {_SOURCE_BEHIND} )"),
    Rule("as_said", stop="<comma> <sub> <cue>"),
    Rule("according", stop="<comma>? <according> [^BZ;fAEHMVDC]{1,24} <stop>* <end>"),
    Rule("quoted", stop="<colon> <quote>"),
    # « …  tiendra : selon Mme X, … ».
    Rule("cited", stop="<colon> <according>"),
]
# What is told behind « selon X » has its own subject, with which « et menacerait … » goes on.
CITED_STOPS = [rule for rule in STOPS if rule.name != "coordinated"]
# « X, qui affirme que …, a quitté la salle »: what a relative reports ends with it.
RESUMED = Rule(
    "resumed", stop="<comma> <adverb>* <not>? <clitic|determiner>{0,2} <cue|denied|verb|have|be|auxiliary|modal_finite>"
)
EXPLAINED = Rule("explained", stop="<colon>")
_VERB_AGAIN = "<not>? <clitic|determiner>{0,2} <have|be|verb|auxiliary|modal_finite>"
# « dit vouloir partir mais a repris … »: a finite verb goes on with none but the source where the content has none.
TAKEN_UP = Rule("taken_up", stop=f"<comma>? <and> <adverb>* {_VERB_AGAIN}")
# « assure que « tout va bien » mais a quitté … »: nor with a quotation that is closed.
QUOTE_CLOSED = Rule("quote_closed", _quote="<quote>", stop=f"<comma>? <and> <adverb>* {_VERB_AGAIN}")
# « En annonçant que le port rouvrirait, le maire a … »: what opens the sentence ends with its main clause.
MAIN_CLAUSE = Rule("main", stop=f"<comma> {_NEXT_SOURCE} (?: <cue|denied> | {_VERB_AGAIN} )")
CLOSED = Rule("closed", stop="<closes>")
# Contents built of noun phrases end sooner: « a jugé le moment « historique » et a remercié … ».
PHRASE_STOPS = [
    *STOPS,
    RESUMED,
    EXPLAINED,
    Rule(
        "clause",
        stop="<comma> (?: <that|who|preposition|place|before|and|adverb|first|not|clitic|dash> | <sub> <^number> )",
    ),
    Rule("verb", stop="<and> <not>? <clitic|determiner>{0,2} <have|be|verb|auxiliary|modal_finite>"),
]
_ASIDE_BEHIND = "(?: <comma> [^BZ;:kQCJGF,]{1,16} ){1,3} <comma>"
_TOLD = (
    "(?: <comma>? (?: <preposition|place|adverb> [^kBZCJGQ:;fAElihc,]{0,20} <comma>? ){0,3}"
    f" | <adverb>* {_ASIDE_BEHIND} )?"
)
_TOLD_WHOM = "<determiner|name|person|of> [^kBZCJGQ:;fAElihc,]{0,16}"
_TO_DO = "(?: <not>? <never>? <clitic|determiner>{0,2} <infinitive|to_say|having> | <cue_infinitive> )"
_FEW = "[^BZ;:kCJQurfAEHMVD]{0,16}?"
_INTENT = f"<determiner> <word>? <intent> {_INSIDE}{{0,6}}?"
_WORD = "<^begin|end|semicolon>"
# « a déclaré à la radio publique vouloir », « s'est réjoui sur X de voir ».
_SOMEWHERE = f"(?: <preposition|place> <determiner>? {_NOUN}{{1,3}} )?"
# « en 2024 », « en juillet ».
_WHEN = "(?: <preposition> <number|word> )?"
_ABOUT = "(?: <adverb|never|word|preposition> | <of> ){0,4}?"
CONTENTS = [
    Rule("que", cue=_ANY_CUE, told=f"(?: {_TOLD} | {_TOLD_WHOM} )", _que="<that> <comma>?", content=_WORD),
    # « plaide pour que le pont ferme ».
    Rule("for", cue=_ANY_CUE, _adverbs="<adverb>*", _for="<for> <that>", content=_WORD),
    Rule("whether", cue=_ANY_CUE, _told=_TOLD, content="<sub|who>"),
    Rule("bare", cue=_ANY_CUE, _adverbs="<adverb>*", _told=_SOMEWHERE, content=_TO_DO),
    Rule(
        "de", cue=_ANY_CUE, _told=_SOMEWHERE,
        object=f"(?: <comma|adverb>* <determiner|name|person|preposition|quote> {_FEW} )?",
        _adverbs="<adverb>*", _de="<of>", content=f"(?: {_TO_DO} | <quote> )",
    ),
    Rule(
        "à", cue=_ANY_CUE, object=f"(?: <adverb>* <determiner|name|person|of|place|preposition> {_FEW} )?",
        _adverbs="<adverb>*", _a="<preposition>", content=f"(?: {_TO_DO} | <quote> )",
    ),
    Rule(
        "self", cue="<cue|cue_inverted|cue_saying>", _adverbs="<adverb>*",
        content="<quote|word|participle|number|preposition|infinitive|source|name|place>",
    ),
    Rule(
        "noun", cue=_ANY_CUE, _adverbs="<adverb>*",
        content=f"{_INTENT} (?: <of|preposition> (?: {_TO_DO} | <determiner>? <quote> ) | <that> | <quote> )",
    ),
    Rule(
        "like_quote", cue=_ANY_CUE, _object="[^BZ;:kQ]{0,24}", link="<of|sub>",
        content=f"<determiner>? {_NOUN}{{0,3}} <quote>",
    ),
    Rule(
        "like", cue=_ANY_CUE, object="(?: <determiner|name|person> [^BZ;:kCJQ,]{0,12}? )?", link="<of|sub>",
        content="<word|source|name|determiner>",
    ),
    Rule(
        "amount", cue=_ANY_CUE, _adverbs="<adverb>*", _when=_WHEN,
        content="<preposition> <number|quote>",
    ),
    # « évalue le coût des travaux à 18 millions d'euros », « estime à plus de 40 mètres la profondeur ».
    Rule(
        "amount_of", cue=_ANY_CUE, _adverbs="<adverb>*", _when=_WHEN,
        content=f"(?: <determiner> (?: {_NOUN} | <determiner|of> ){{1,12}}? )? <preposition>", _about=_ABOUT,
        figure="<number|determiner>",
    ),
    Rule(
        "object", cue=_ANY_CUE, lead="(?: <comma>? <adverb> <comma>? )* <preposition|of>?",
        content=f"{_INSIDE}{{0,10}} <quote>",
    ),
    # « juge un accord possible avant l'automne »: an adjective on the object.
    Rule("judged", cue=_ANY_CUE, _adverbs="<adverb>*", content=f"<determiner|name|person> {_INSIDE}{{1,12}}?"),
    Rule("colon_plain", cue=_ANY_CUE, _gap="<adverb>*", _colon="<comma>? <colon>", content="<^begin|end|quote>"),
    # « le ministre l'a dit d'emblée, la France ne peut pas … »
    Rule(
        "announced_clause", cue="<cue>", _told=_TOLD, _colon="<comma|colon>",
        content="<^begin|end|quote|and|cue_saying>",
    ),
]  # fmt: skip
# « La Havane, 3 mars (Agence) – … ».
_DATELINE = "(?: (?: <determiner>? <name|person|opens> [^BZCJQAEHfVDM\\-]{0,16} )? <dash>+ )?"
# Contents with an end of their own.
WHOLE_CONTENTS = [
    Rule("colon", cue=_ANY_CUE, _gap="[^BZQ:CJGF]{0,30}", _colon="<colon>", content="<quote>"),
    # « a confirmé cette déclaration en disant : « … » ».
    Rule(
        "colon_double", cue="<cue>", _gap="[^BZQ:CJGFk,]{1,8}", more="<cue_saying>", _colon="<colon>",
        content="<quote>",
    ),
    Rule(
        "behind", before="(?: <begin|colon|semicolon> [^BZ;:CJGF]{0,40}? )?", content="<quote>",
        _gap="<stop|comma|dash>* <adverb>* <comma>?", cue="<cue|cue_inverted>",
    ),
    # « … », a-t-il dit, « … ».
    Rule(
        "split", content="<quote>", _comma="<comma>", cue="<cue|cue_inverted>", _who="[^BZQ;:CJ]{0,12}",
        _second="<comma>", rest="<quote>",
    ),
    # « … » : c'est ainsi que X a résumé …
    Rule(
        "thus", _begin="<begin>", content="<quote>",
        _thus="<comma|colon> <neuter> <be> [^BZQ,;:CJ]{1,8}? <that> [^BZQ,;:C]{0,12}", cue="<cue>",
    ),
    # « Le général a démenti : l'armée, a-t-il soutenu, « contrôle … »: the pronoun's own clause is before the colon.
    Rule(
        "late_colon", colon="<colon>",
        content="[^BZ;:J]+?", _comma="<comma>", cue="<cue_inverted>",
        closing="<comma|dash|opens|semicolon|colon> | <stop>* <end>",
    ),
    # « d'une mère qui, se souvient-il, « savait … » ».
    Rule("late_within", _link="<who|that|sub> <comma>", cue="<cue_inverted>", _comma="<comma>", content="<quote>"),
    Rule(
        "late", _begin=f"<begin> (?: <and> | {_DATELINE} )", content="[^BZ;J]+?", _comma="<comma>",
        cue="<cue|cue_inverted>", _behind="[^kQBZ,;:C]{0,20}",
        closing="<comma|dash|opens|semicolon|colon> | <stop>* <end>",
    ),
]  # fmt: skip
# The surest way first, where a cue reports in several; how far it is to be trusted.
CONFIDENCE = {
    "amount": 0.9, "amount_of": 0.9, "que": 0.95, "for": 0.9, "colon_double": 0.95, "colon": 0.97, "split": 0.95,
    "thus": 0.9,
    "self": 0.9, "whether": 0.8, "bare": 0.9, "noun": 0.85, "like_quote": 0.9, "de": 0.8, "à": 0.6, "behind": 0.97,
    "object": 0.85, "like": 0.7, "judged": 0.7, "late_within": 0.9, "late_colon": 0.9, "late": 0.9, "colon_plain": 0.7,
    "announced_clause": 0.7, "inside": 0.95, "inside_named": 0.9, "front": 0.9, "front_quote": 0.9, "view": 0.8,
    "aside": 0.8, "tail": 0.8, "dialogue": 0.9, "announced": 0.7, "spoken_of": 0.8, "announced_by": 0.7, "chain": 0.6,
}  # fmt: skip
CONTENT_RANK = {name: rank for rank, name in enumerate(CONFIDENCE)}
LINKS = ["de", "d'", "comme"]
INDIRECT_QUESTION = ["si", "s'il", "qui", "comment", "pourquoi", "où", "quand", "combien"]

# --- Who is cited, not by what measure: « selon le ministère », not « selon la loi ».

_HEAD = "(?: <determiner|of>{0,3} <word|number|adverb>{0,2} <source|person> | <determiner>{0,2} <name> )"
_CITED = f"(?: {_HEAD} (?: [^BZ;:,Qs.] | <number> <comma> <number> ){{0,24}} | <pronoun|clitic> )"
_OF_CITED = (
    "(?: <comma> (?: <word|source|participle> [^BZ;:,CfAEHQ]{0,20} | <who|sub|that> [^BZ;:Q]{1,30}?"
    " | <of> <determiner>? <source|name> [^BZ;:,CfAEHQ]{0,20} ) )?"
)
_AT_START = {"_edge": "<begin|semicolon>"}
ACCORDING = [
    Rule(
        "front", _edge="<begin|comma|and|opens|semicolon|colon|dash>", cue="<according>+", speaker=_CITED,
        _apposition=_OF_CITED, _comma="<comma>", content="<^begin|end|semicolon>",
    ),
    Rule(
        "front_quote", _edge="<begin|comma|and|semicolon|dash>", cue="<according>+", speaker=_CITED,
        _apposition=_OF_CITED, _colon="<colon>", content="<quote>",
    ),
    Rule(
        "view", _edge="<begin|and|semicolon>", cue="<for>", speaker=_CITED, _apposition=_OF_CITED, _comma="<comma>",
        content="<^begin|end|semicolon>",
    ),
    Rule(
        "aside", **_AT_START, _dateline=_DATELINE, content="[^BZ;CJ]+? <comma>", cue="<according>+", speaker=_CITED,
        _comma="<comma|dash|closes>",
    ),
    Rule(
        "tail", _edge="<begin|semicolon|dash>",
        content="[^BZ;J-]+? (?: <dash> [^BZ;J-]+ <dash> [^BZ;J-]*? )?", comma="<comma|dash|opens>?", cue="<according>+",
        speaker=_CITED, closing="<comma|closes|semicolon|dash> | <stop>* <end>",
    ),
]  # fmt: skip

# --- Quotations without words of saying, and those that hold their own.

_SOME_VERB = "<not>? <clitic|determiner|preposition>{0,2} <verb|have|be|modal_finite|denied>"
UNCUED = [
    # « Réplique cinglante de l'avocat : « … » ».
    Rule(
        "spoken_of", _begin="<begin> <determiner>?", cue="<adverb>? <gloss> <word|adverb>{0,3}", _of="<of|place>",
        speaker=f"{_HEAD} {_INSIDE}{{0,16}}", _colon="<colon>", content="<quote>",
    ),
    # « Quant au pilote, il n'en démord pas : « … » ».
    Rule(
        "announced_by", _begin="<begin>", _before="[^BZQ:CJk]{0,40}?", speaker="<pronoun>",
        _verb=f"(?: {_SOME_VERB} | <word> ) [^BZQ:CJ]{{0,30}}",
        _colon="<colon>", content="<quote>",
    ),
    Rule(
        "announced", _begin="<begin> (?: <number> [^BZCQLN\\-]{0,3} <dash> )?",
        speaker=f"(?: <determiner|word|source>{{0,4}}? <person> | {_HEAD} {_INSIDE}{{0,16}} )",
        _gap=f"(?: <comma> [^BZQ:]{{1,30}} | {_SOME_VERB} [^BZQ:]{{0,30}} )?", _colon="<colon>", content="<quote>",
    ),
    Rule("chain", _begin="<begin>", content="<quote>", _end="<stop>* <end>"),
]  # fmt: skip
INSIDE_QUOTES = [
    Rule("inside", content="[^BZ]+?", _comma="<comma|stop>", cue="<cue_inverted>", speaker="<number>?", rest="[^BZ]*"),
    Rule(
        "inside_named", content="[^BZ]+?", _comma="<comma|stop>", cue="<cue>", _adverbs="<adverb>*",
        _where="(?: <preposition|place> <determiner>? <word|name>{1,2} (?: <of> <determiner>? <word|name>{1,2}? )? )?",
        speaker=_BEHIND,
        rest="(?: <comma|stop|dash|preposition|place> [^BZ]* )?",
    ),
]  # fmt: skip
