"""The grammar of delegations: frames that say who sat on which side, over one letter per unit of text.

A unit is a person's name, a role phrase, a party, a phrase of lexicon/delegations.toml, or any other word
(`transforms.delegation_units`). In the rules `d` is the word for the group, `side` the party, `head` who leads,
`members` the list, `cue` what makes the frame; every rule has the confidence that its rows get.
"""

from __future__ import annotations

from transforms.text import Rule

PHRASES = {
    "delegation": "D", "delegations": "2", "own_group": "U", "led_by": "G", "leads": "M", "comprises": "K",
    "whereof": "W", "represented_by": "F", "sends": "O", "accompanied": "B", "with_delegations": "X", "attends": "Y",
    "member_of": "I", "head_mark": "H", "member_mark": "V", "wake": "Q", "side": "C", "besides": "w", "nicknamed": "J",
    "negative": "Z", "meantime": "t", "represents": "r", "its_head": "z", "forms": "o", "travels": "j", "presents": "4",
    "represented": "5", "state_side": "6", "rebel_side": "7", "opposite": "8", "arrives": "y", "with": "+",
    "replaces": "=", "without": "%", "received_by": "@", "accompanies": "!", "joins": "^", "leads_it": "_",
}  # fmt: skip
ALPHABET = {
    "name": "N", "candidate": "n", "role": "R", "roles": "S", "title": "T", "nat": "A", "party": "P", "det": "l",
    "of": "d", "by": "p", "and": "e", "comma": "c", "semicolon": "s", "colon": "k", "stop": ".", "line": "L",
    "bullet": "b", "item": "9", "open": "(", "close": ")", "dash": "-", "slash": "/", "number": "0", "adverb": "a",
    "word": "m", "verb": "v", "relative": "q", "in": "i", "for": "f", "mark": "x", "glue": "g", "capital": "u",
    "pronoun": "E", "first": "1", "second": "3", "question": "?", "counted": "h", **PHRASES,
}  # fmt: skip

_WHO = "(?: <title>* <name|candidate> )"
_NOTED = f"(?: {_WHO} (?: <open> <^close|stop|line>{{1,8}} <close> )? )"
_LEAD = "<det|of|by|adverb|number>{0,4}"
_ROLE = "(?: <mark>? <role|roles> <mark>? <nat>* <head_mark>? )"
# What may stand between a name and the next comma: an apposition, no verb, no other name.
_FILL = (
    "<word|of|det|nat|party|role|roles|head_mark|number|in|for|adverb|title|capital|own_group|meantime|nicknamed"
    "|pronoun|its_head|state_side|rebel_side|mark|leads_it>"
)
_ASIDE = (
    f"(?: <comma> <leads_it> | <comma> {_FILL}{{1,14}} (?: <and> <head_mark> )? | <its_head>"
    " | <open> <^close|stop|line>{1,12} <close> | <comma> <relative> <^name|stop|line|semicolon|comma>{1,14} )"
)
_CLAUSE_OF_IT = "(?: <relative|adverb|whereof> <^name|candidate|stop|line|semicolon|comma>{1,8} )"
# A person named with his role, by his name alone, or somebody unnamed.
_ITEM = (
    # A word that no lexicon has is a noun behind a determiner only: « le divisionnaire X », not « répète X ».
    f"(?: <of|by|adverb|number>{{0,2}} <det|of>{{1,2}} <adverb>? <word>{{1,3}} <nat>? {_WHO}"
    f" | {_LEAD} (?: <word>? {_ROLE} (?: <comma|colon|nicknamed> | <word>? <word>? <adverb>{{1,2}} | <word> )? {_WHO}"
    f" | <party|nat>? {_WHO}"
    f" | <word|role> <word|of|in|nat|det|party|delegation>{{0,6}} <comma> {_WHO}"
    f" | <word|role> <nat>? {_CLAUSE_OF_IT} <comma> {_WHO}"
    f" | {_ROLE} <comma> <det>? <role> {_WHO}"
    f" | <role|roles|word|number|capital> {_FILL}{{0,10}} ) )"
)
_AND = "(?: <comma|semicolon|and|whereof|with|colon|besides>+ <adverb>* <whereof|with>? )"
_CHAIN = "(?: <comma|and>? <accompanied> )"
_LIST = f"(?: {_ITEM} (?: (?: {_AND} | {_CHAIN} ) {_ITEM} | {_ASIDE} )* )"
# « la délégation parlementaire de l'Union africaine », up to the comma.
_GROUP = (
    "<word|nat|of|det|party|role|roles|number|adverb|own_group|capital|open|close|in|for|arrives|state_side|rebel_side>"
    "{0,12}"
)
# A name with the role before it.
_NAMED = f"(?: <det>? (?: {_ROLE} <comma>? | <word> )? {_WHO} )"
_APART = "(?: <comma> <for> <det>? <party> )"
_FOR = "(?: <for> <det>? (?: <party> | <delegation> <nat> | <delegation> <of> <det>? <party> ) )"
# Whom somebody stands for: « côté russe », « pour Kiev », « dans le camp gouvernemental ».
_BESIDE = "(?: <side> <of>? <det>? (?: <nat> | <party> | <own_group|state_side|rebel_side> <nat>? ) )"
_SIDE = f"(?: {_BESIDE} | {_FOR} )"
_SIDED = "(?: <party|nat> | <own_group|state_side|rebel_side> <word|nat|of|det|capital|verb|state_side>{0,4} )"
_BREAK = "<stop|line|semicolon|question>"
# What a clause opens behind: « À Bichkek, ».
_OPENING = "(?: <stop|line|colon|semicolon> (?: <in> <^stop|line|name|candidate|comma>{1,8} <comma> )? <besides>? )"
# What a side opens behind, and what ends its list: the end of the clause, a verb of being there, the next side.
_CLAUSE = "<stop|line|semicolon|colon|comma|and|question|dash>"
_END = f"(?: <comma|and>{{0,3}} (?: {_BREAK} | <attends|travels|leads|for|side|opposite> ) )"
# Any side that a clause may have for its topic or subject: « la République fédérale d'Éthiopie », « l'intersyndicale ».
_ANY_SIDE = (
    "(?: <det>? (?: <capital|state_side> <word|capital|nat>{0,3} <of>{1,2} <det>? )? <party>"
    " | <det> <nat>"
    " | <det>? (?: (?: <word|role|roles>{1,2} <of>{1,2} <det>? )? <own_group|state_side|rebel_side>"
    " <word|nat|of|det|capital|party|candidate|state_side|and>{0,9}"
    " (?: <open> <capital|party|name|candidate> <close> )? | <delegation|word>{1,2} <nat> ) )"
)
_ANY_TOPIC = (
    f"(?: <for> (?: {_ANY_SIDE} | <det> <capital> <word|of|det|capital|party|nat>{{1,8}} )"
    f" | <side> <of>? {_ANY_SIDE} | {_BESIDE} )"
)
# Persons with whatever stands beside them, up to the verb: nothing of another clause.
_STILL = (
    "<^verb|stop|line|semicolon|question|glue|opposite|side|attends|travels|leads|sends|negative|replaces|received_by"
    "|relative|represents|presents|arrives|delegation|delegations|mark|pronoun>"
)
_NAME = "<name|candidate>"
_STRETCH = (
    "(?: <comma> <relative|adverb|whereof> <^name|candidate|stop|line|semicolon|comma>{1,14}"
    " | <whereof|relative> <^name|candidate|stop|line|semicolon|comma>{1,8} <and|comma>"
    f" | {_STILL} | <verb> <accompanied> | <semicolon> <and>? <det|adverb>* <word|role|roles|name|title> )"
)
_REST = "<^line|glue>* (?: <glue> <^line>* )?"
_BULLETED = f"(?: <line>+ <bullet|and> {_REST} )"
_NUMBERED = f"(?: <line>+ <item|and> {_REST} )"
_PLAIN_LINE = (
    "(?: <line>+ (?: <and> | <title|det>* <name|candidate> | <det>? <role|roles> <comma>? <title>* <name|candidate> )"
    f" {_REST} )"
)
_LABELLED = f"(?: <line>+ <role|roles|head_mark|word|det>{{1,4}} <colon> {_REST} )"
# « Winston Pakeha – ministre de la Défense »: two such lines make a table, without a colon before it.
_TABLED = (
    "(?: <line>+ <title|det>* <name|candidate> <dash|comma|colon|open> <det|adverb>* <role|roles|head_mark>"
    " <^line|stop|verb|name|candidate>{0,16} )"
)
_BLOCK = (
    f"(?: <stop|comma|colon>? (?: {_BULLETED}+ | {_NUMBERED}+ ) | <colon> {_PLAIN_LINE}+ | {_LABELLED}+"
    f" | {_TABLED}{{2,}} )"
)
# An apposition, or a verb of being there.
_THERE = f"(?: {_ASIDE}? <comma>? | <adverb>{{0,2}} <attends|presents|travels|arrives> )"
# « la partie japonaise réunissait autour de la Première ministre… ».
_AROUND = "(?: <wake> <det>? <role> <nat>? <comma>? )"
# « La Malaisie, qui préside l'Asean, était représentée… ».
_THAT = "(?: <comma> <relative|adverb|whereof> <^stop|line|name|comma>{1,14} <comma> )"
# Between the verb and the group: « a conduit les 10 et 11 février la délégation ».
_ON_DAYS = "(?: <det|adverb|of|in|party|word|number> | <number> <and> <number> ){0,8}"
# The more a frame says by itself, the earlier: a name belongs to the first that holds it. With the confidence.
RULES = {
    Rule("list", d="<delegation|member_mark|head_mark>", _h="<^line>{0,40}", members=_BLOCK): 0.95,
    Rule("list_of_it", cue="<member_of|accompanies>", _h="<^line>{0,12}", members=_BLOCK): 0.95,
    Rule(
        "side_block",
        side=f"(?: {_SIDE} | <line> <bullet>? <det>? <party> )",
        _h="<^line|name>{0,8}",
        members=_BLOCK,
    ): 0.9,
    Rule(
        "dealt",
        parties="(?: <party|glue> (?: <comma> <party> )* <and> <party> )",
        _o="<sends>",
        _l="<det|adverb>*",
        _r="<roles>",
        _k="<colon|comma>?",
        members=f"(?: {_WHO} (?: <comma> {_WHO} )* <and> {_WHO} )",
    ): 0.9,
    # « Kigali et Washington…, l'ambassadeur A pour le premier, B, conseiller, pour le second ».
    Rule(
        "dealt_in_turn",
        parties="(?: <party> <and> <det>? <party> )",
        _g="<^line|name|candidate>{1,30}",
        members=f"(?: {_NAMED} {_THERE} <for> <det> <first>"
        f" <comma|semicolon|and>+ {_NAMED} {_THERE} <for> <det> <second> )",
    ): 0.9,
    # « A, pour les États-Unis, et le général B, pour la France, … »: whoever stands for his country beside others.
    Rule("each_for", _s=_CLAUSE, members=f"(?: {_NAMED} {_APART} (?: <comma> <and>? {_NAMED} {_APART} )+ )"): 0.8,
    Rule("with_delegations", members=_LIST, _k="<comma>", cue="<with_delegations>"): 0.9,
    # « A et B se sont rencontrés à C, accompagnés de leurs délégations ».
    Rule(
        "met_with_delegations",
        members=f"(?: {_NAMED} {_ASIDE}? <comma>? <and> {_NAMED} )",
        _g="<^stop|line|name|semicolon|delegation|delegations|negative>{1,16}",
        cue="<with_delegations>",
    ): 0.9,
    Rule(
        "led_by",
        d="<delegation|delegations>",
        _np="<^stop|line|name|led_by|delegation|comprises|leads|whereof|with|sends>{0,25}",
        cue="<led_by>",
        _a="<adverb|comma>*",
        members=_LIST,
    ): 0.95,
    # « …, celle de l'ELN par Pablo Beltrán »: the verb is that of the delegation before.
    Rule("led_too", d="<delegation>", _np="<of|det|nat|party|own_group|capital>{1,5}", cue="<by>", members=_LIST): 0.85,
    Rule(
        "led_first",
        _s="<stop|line|comma>",
        cue="<led_by>",
        members=_ITEM,
        _x=f"{_ASIDE}?",
        _k="<comma>",
        _l="<det>",
        d="<delegation|roles>",
    ): 0.9,
    # « Conduite par le président X, elle rassemble… ».
    Rule(
        "it_led_first",
        _s="<stop|line>",
        cue="<led_by>",
        members=_ITEM,
        _x=f"{_ASIDE}?",
        _k="<comma>",
        p="<pronoun>",
    ): 0.85,
    Rule(
        "comprises",
        d="<delegation>",
        _np="<^stop|line|comprises|delegation|whereof|with|question>{0,40}",
        cue="<comprises>",
        _a=f"<adverb|colon|whereof|with|besides>* {_AROUND}?",
        members=_LIST,
    ): 0.95,
    # « une délégation du Hamas, avec X à sa tête ».
    Rule(
        "with_at_head",
        d="<delegation>",
        _np=_GROUP,
        _c="<comma>?",
        _w="<with>",
        members=_ITEM,
        _x=f"(?: <comma> {_FILL}{{1,14}} <comma>? )?",
        cue="<its_head>",
    ): 0.9,
    Rule(
        "whereof",
        d="<delegation>",
        _np=f"{_GROUP} (?: <verb> {_GROUP} )?",
        _c="<comma>",
        cue="<whereof|with>",
        _a="<adverb>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "it_comprises",
        _s="<stop|line|semicolon|comma|and>",
        p="<pronoun>",
        _b="<adverb|verb|word>{0,3}",
        cue="<comprises>",
        _a="<adverb|colon|whereof|with|besides>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "it_led",
        _s="<stop|line|semicolon|comma|and>",
        p="<pronoun>",
        _b="<^stop|line|name|led_by|comma>{0,4}",
        cue="<led_by>",
        _a="<adverb|comma>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "member_of_group",
        cue="<member_of|accompanies>",
        _o="<of|det>{0,2}",
        d="<delegation>",
        _np="(?: <nat|own_group|state_side|rebel_side> | <of> <det>? <party> )?",
        _k="(?: <^stop|line|name|colon|semicolon|comma>{1,5} <colon> )? <adverb|colon|comma>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "list_in_group",
        _o=_OPENING,
        members=_LIST,
        _c="<comma>?",
        cue="<member_of|accompanies>",
        _l="<of|det>{0,2}",
        d="<delegation>",
    ): 0.9,
    Rule(
        "member_of",
        cue="<member_of|accompanies>",
        _k="(?: <^stop|line|name|colon|semicolon|comma|delegation>{1,5} <colon> )? <adverb|colon|comma|whereof>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "attends_side",
        cue="<attends|travels>",
        _k="<adverb|comma|colon>*",
        side=_SIDE,
        _c="<adverb|comma|colon>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "side_attends",
        side=_SIDE,
        _k="<comma|colon>?",
        cue="<attends|travels>",
        _a="<adverb|comma|colon>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "side_whereof",
        side=_SIDE,
        _k="<comma>?",
        _g="<^stop|line|name|delegation|comma>{0,14}",
        _c="<comma>",
        cue="<whereof|with>",
        members=_LIST,
    ): 0.9,
    Rule(
        "side_question",
        side=_SIDE,
        _q="<^stop|line|name>{0,12} <question> <line>* (?: <capital|role|bullet>{1,2} <stop|colon|dash> )?",
        members=_LIST,
    ): 0.85,
    Rule(
        "leads",
        head="<name|candidate>",
        _g="<^stop|line|name|question|leads|semicolon|replaces>{0,18}",
        cue="<leads|accompanied>",
        _l=_ON_DAYS,
        d="<delegation>",
    ): 0.9,
    Rule(
        "name_for",
        _s="<dash|colon|open|comma|and|stop|line|semicolon|by>",
        members=f"(?: {_NAMED} (?: <comma> {_NAMED} )* <and> )? {_NAMED}",
        side=f"(?: {_FOR} | <side> <nat|party> )",
        _end=f"(?: <comma|and|dash|close> | {_BREAK} )",
    ): 0.75,
    # « Ukraine : X, ministre ; Y, ambassadeur. »
    Rule(
        "country_line",
        side="(?: <line> <bullet>? <det>? <party> )",
        cue="<colon|dash>",
        members=f"(?: {_LEAD} {_ROLE}? {_WHO} {_ASIDE} (?: {_AND} {_ITEM} | {_ASIDE} )* )",
        _end="<line|stop>",
    ): 0.8,
    Rule("side_list", side=_BESIDE, _k="<comma|colon>", _a="<det|adverb|word>*", members=_LIST, _end=_END): 0.85,
    Rule(
        "for_list", _s=_CLAUSE, side=_FOR, _k="<comma|colon>", _a="<det|adverb|word>*", members=_LIST, _end=_END
    ): 0.85,
    Rule("for_colon", _s=_CLAUSE, side=_FOR, _k="<colon>", _a="<det|adverb>*", members=_LIST): 0.85,
    Rule("and_for", _s="<and|semicolon|comma>", side=_FOR, members=_LIST, _end=_END): 0.8,
    Rule("opposed", _s=_CLAUSE, cue="<opposite>", _k="<comma|colon>?", members=_LIST, _end=_END): 0.75,
    Rule(
        "sends",
        side=_SIDED,
        # « l'opposition, qu'emmène X, aligne de son côté… », « a fait venir de Koror… ».
        _g=f"(?: <comma> <led_by> <title>* <name|candidate> <comma> | {_THAT} )?"
        " <^stop|line|party|name|delegation>{0,8}",
        cue="<sends>",
        _a="(?: <adverb>? <head_mark> | (?: <adverb|in|party|meantime> | <of> <party|candidate> ){0,3}"
        " | <^stop|line|name|colon>{1,8} <colon> )",
        members=_LIST,
    ): 0.9,
    Rule(
        "represented_by",
        side=_SIDED,
        _g=f"{_THAT}? <^stop|line|party|name|nat>{{0,6}}",
        cue="<represented_by>",
        _a="<adverb>*",
        members=_LIST,
    ): 0.9,
    Rule(
        "next_represented",
        _e="<semicolon|comma> <and>? <det>?",
        side="<party>",
        cue="<comma>",
        _b="<by>",
        members=_LIST,
    ): 0.8,
    # « La France a envoyé A ; le Kazakhstan, la vice-ministre B ; … ».
    Rule(
        "next_sent",
        _e="<semicolon> <and>? <det>?",
        side="<party>",
        cue="<comma>",
        members=f"(?: {_LEAD} {_ROLE} <comma>? {_WHO} )",
        _end="<semicolon|stop|line>",
    ): 0.8,
    Rule(
        "represented_there",
        side=_SIDED,
        _g=f"{_THAT}? <^stop|line|party|name|nat>{{0,6}}",
        cue="<represented>",
        _a="<^stop|line|name|by>{1,6} <by>",
        members=_LIST,
    ): 0.85,
    # « Le président X est arrivé lundi. Y et Z l'accompagnent. »
    Rule(
        "accompanies",
        head=_WHO,
        _g="<^stop|line|name|question>{0,30} <stop> <line>*",
        members=_LIST,
        cue="<accompanies>",
    ): 0.8,
    Rule(
        "accompany",
        head=_WHO,
        _g="<^stop|line|name|question>{0,30} <stop> <line>* (?: <^stop|line|name|question|comma>{1,6} <comma>? )?",
        cue="<accompanies>",
        _k="<adverb|colon|comma|whereof>*",
        members=_LIST,
    ): 0.8,
    Rule("list_in", _o=_OPENING, members=_LIST, _c="<comma>?", cue="<member_of|accompanies>"): 0.8,
    Rule(
        "both_lead",
        members=f"(?: {_WHO} (?: <comma> <^name|stop|line|comma>{{1,10}} <comma> )? <and> {_WHO} )",
        _c="<comma|relative|adverb>*",
        cue="<leads>",
        _l="<det|adverb>*",
        d="<delegations>",
        parties="(?: <nat> <and> <nat> | <of> <det>? <party> <and> <of> <det>? <party> )",
    ): 0.9,
    Rule(
        "replaces",
        head=_WHO,
        cue="<replaces>",
        _g="<^stop|line|name|semicolon>{0,10} <name> <^stop|line|name|semicolon>{0,3}",
        _k="<leads>",
        _l=_ON_DAYS,
        d="<delegation>",
    ): 0.9,
    Rule(
        "leads_on",
        head=_WHO,
        _g="<^stop|line|name|question>{0,30} <stop> <line>*",
        p="<pronoun>",
        _h="<^stop|line|name|leads|accompanied>{0,4}",
        cue="<leads|accompanied>",
        _l=_ON_DAYS,
        d="<delegation>",
    ): 0.85,
    Rule(
        "at_the_head", cue="<leads>", _l="<det|of>* <word>{0,2}", d="<delegation>", _np=_GROUP, _c="<comma>", head=_ITEM
    ): 0.85,
    Rule(
        "besides_head",
        cue="<besides>",
        _c="(?: <det> <role> | <its_head> )? <comma>?",
        head=_ITEM,
        _x=f"{_ASIDE}?",
        _k="<comma>",
        _l="<det>",
        d="<delegation>",
    ): 0.9,
    Rule(
        "wake_of_head",
        cue="<wake>",
        head=f"(?: (?: <det>? {_ROLE} <comma>? )? {_WHO} )",
        _x=f"{_ASIDE}?",
        _k="(?: <comma|colon> <attends|travels|presents>? | <attends|travels|presents> )",
        members=_LIST,
    ): 0.85,
    # « Autour du ministre, il y avait… », « À bord de l'avion gouvernemental : … ».
    Rule(
        "wake_of_role",
        cue="<wake>",
        _r="<det>? <role|state_side|nat|word> <nat>*",
        _k="<comma|colon>? <presents|attends|travels|member_of|colon>",
        _a="<adverb|colon>*",
        members=_LIST,
    ): 0.8,
    Rule("its_head", cue="<its_head>", _c="<comma>", head=_ITEM): 0.85,
    Rule(
        "group_attends",
        d="<delegation|member_mark>",
        _np=f"{_GROUP} <comma>?",
        cue="<attends|travels|member_of|accompanies>",
        _a="<adverb|colon>*",
        members=_LIST,
    ): 0.85,
    Rule(
        "group_named",
        d="<delegation|member_mark>",
        _np=f"{_GROUP} <verb>?",
        cue="<colon|open|dash>",
        members=_LIST,
        _end="<close|stop|line|semicolon|dash>",
    ): 0.8,
    Rule("forms", members=_LIST, cue="<forms>", _l="<det>?", d="<delegation>"): 0.9,
    Rule(
        "represent",
        cue="<represents>",
        _l="<det>?",
        _d="<delegation>?",
        side="<party|nat>",
        _c="<comma|colon>?",
        members=_LIST,
    ): 0.85,
    Rule("travel", _o=_OPENING, members=_LIST, _c="<comma>?", cue="<travels>", side="<nat>?"): 0.8,
    Rule("side_presents", side=_SIDE, _k="<comma|colon>?", cue="<presents>", members=_LIST): 0.85,
    Rule(
        "side_colon",
        side=_SIDE,
        _k="<comma> <^stop|line|name|colon|semicolon>{1,10} <colon>",
        members=_LIST,
        _end=_BREAK,
    ): 0.8,
    Rule(
        "roles_led_by",
        side="(?: <roles> <nat>? | <det|of> <party> )",
        _np="<^stop|line|name|led_by|delegation>{0,7}",
        cue="<led_by>",
        _a="<adverb>*",
        members=_LIST,
    ): 0.8,
    Rule(
        "represents",
        members=_LIST,
        _c="<comma>?",
        cue="<represents>",
        _l="<det>?",
        d="<delegation>?",
        side="<party|nat>",
    ): 0.85,
    Rule(
        "attends_for",
        members=_LIST,
        _c="<comma>?",
        cue="<attends|travels>",
        _k="<comma|adverb>*",
        side=_SIDE,
    ): 0.8,
    # « Côté guinéen, le ministre X est assisté de… ».
    Rule(
        "side_accompanied",
        side=_SIDE,
        _k="<comma>?",
        head=f"(?: {_LEAD} {_ROLE}? <comma>? {_WHO} )",
        _g=f"{_ASIDE}? <comma>? <verb|adverb|word>{{0,4}}",
        cue="<accompanied>",
        _a="<adverb|colon>*",
        members=_LIST,
    ): 0.8,
    Rule("wake", cue="<wake>", which="(?: <det>? <first|second> )?", _k="<comma|colon>", members=_LIST): 0.85,
    Rule(
        "accompanied_on",
        head=_WHO,
        _g="<^stop|line|name|question>{0,30} <stop> <line>*",
        p="<pronoun>",
        _h="<^stop|line|name|accompanied>{0,3}",
        cue="<accompanied>",
        _a="<adverb|colon>*",
        members=_LIST,
    ): 0.8,
    Rule(
        "accompanied",
        head=_WHO,
        # Far behind its head only where nobody else may be meant.
        _g="(?: <^stop|line|name|question|delegation>{0,14}"
        " | <^stop|line|name|question|delegation|role|roles|pronoun|relative|candidate>{15,30} )",
        cue="<accompanied>",
        _a="<adverb|colon>*",
        members=_LIST,
    ): 0.8,
    Rule(
        "it_accompanied",
        _s=_CLAUSE,
        p="<pronoun>",
        _h="<^stop|line|name|accompanied>{0,3}",
        cue="<accompanied>",
        _a="<adverb|colon>*",
        members=_LIST,
    ): 0.75,
    Rule(
        "arrives_with",
        head=_WHO,
        _g="<^stop|line|name|question|delegation>{0,14}",
        cue="<arrives|travels>",
        _h="<^stop|line|name|question|delegation|verb>{0,8}",
        _w="<with>",
        members=_LIST,
    ): 0.75,
    Rule(
        "accompanied_role",
        side="<role>",
        _g="<^stop|line|name|question|role|roles|delegation|verb>{0,2}"
        " <^stop|line|name|question|role|roles|delegation>{0,8}",
        cue="<accompanied>",
        _a="<adverb>*",
        members=_LIST,
    ): 0.75,
    Rule(
        "in_brackets", side="<party|nat>", cue="<open>", members=f"(?: {_ITEM} (?: {_AND} {_ITEM} )+ )", _end="<close>"
    ): 0.7,
    Rule(
        "attends_anew",
        cue="<attends|travels>",
        _a="<adverb|comma|besides>* (?: <of|in> <party|capital> )? <wake>? <adverb|colon|comma|besides>*",
        members=_LIST,
    ): 0.75,
    Rule(
        "negotiators",
        side="(?: <roles> | <opposite> <nat> )",
        _c="<nat>* <comma>?",
        members=f"(?: {_WHO} (?: <comma> {_WHO} )* <and> {_WHO} )",
    ): 0.75,
    # « Trois émissaires soudanais sont attendus à Genève : … ».
    Rule(
        "emissaries",
        side="<roles> (?: <of>{1,2} <det>? <party> )?",
        _np="(?: <verb|arrives> <^stop|line|name|colon>{0,8} )?",
        cue="<colon>",
        members=_LIST,
        _end=_BREAK,
    ): 0.75,
    Rule(
        "head_mark",
        members=f"(?: {_WHO} (?: <comma|dash|colon|open> <role> (?: <and> <role> )? )? )",
        _c="<comma|open|and> <det>?",
        cue="<head_mark>",
        side="<nat>?",
    ): 0.9,
    Rule(
        "head_mark_first",
        cue="<head_mark>",
        side="<nat>?",
        _c="<comma|colon>?",
        _r=f"(?: <det> {_ROLE} <comma>? )?",
        members=_WHO,
    ): 0.9,
    Rule(
        "member_mark",
        members=f"(?: {_WHO} (?: <comma> <role> )? )",
        _c="<comma> <det>?",
        cue="<member_mark>",
        side="<nat>?",
    ): 0.9,
    # « Pour le Sud, le ministre X, son adjoint Y »: whoever a clause on a side names without a verb of his own.
    Rule(
        "side_topic",
        _o="<stop|line|semicolon|colon|dash|question> <bullet|adverb|comma|and>{0,2}",
        side=_ANY_TOPIC,
        _k="<comma|colon>?",
        gap="<^stop|line|name|semicolon|side|for|opposite>{0,16}",
        members=f"{_NAME} {_STRETCH}*",
    ): 0.6,
    Rule(
        "side_within",
        _o="<comma|and|verb>",
        side=_BESIDE,
        _k="<comma|colon>",
        gap="<^stop|line|name|semicolon|side|for|opposite|verb>{0,12}",
        members=f"{_NAME} {_STRETCH}*",
    ): 0.6,
    # « La compagnie est venue avec son directeur, X, et Y ».
    Rule(
        "side_subject",
        _o="(?: <stop|line|semicolon|colon|question> (?: <in|opposite|adverb> <^stop|line|name|comma>{0,8} <comma> )?"
        " | <opposite> )"
        " <comma|and|adverb>{0,2}",
        side=_ANY_SIDE,
        _r="(?: <comma> <relative> <^stop|line|name|comma|semicolon>{1,14} <comma> )?",
        gap="<comma|meantime|pronoun|besides>{0,4} <^stop|line|name|semicolon|side|for|relative|comma>{1,16}"
        " (?: <comma> <^stop|line|name|semicolon|side|for|relative|comma>{0,10} ){0,2}",
        members=f"{_NAME} {_STRETCH}*",
    ): 0.6,
    # « • Fidji (pays hôte) : X, Premier ministre ; Y, … ».
    Rule(
        "side_label",
        side=f"(?: <line> <bullet|item>? {_ANY_SIDE} )",
        _b="(?: <open> <^close|stop|line>{1,8} <close> )?",
        cue="<colon|dash>",
        gap="<^stop|line|name|semicolon|side|for|opposite|delegation>{0,8}",
        members=f"{_NAME} {_STRETCH}*",
    ): 0.7,
    # « Avec moi il y avait X, Y », « Le suivaient A ; B »: whoever joins those spoken of.
    Rule(
        "joins",
        _o="<stop|line|semicolon|question> <and|adverb>?",
        cue="<wake|member_of|accompanies|its_head|joins>",
        gap="<^stop|line|name|semicolon|side|for|opposite>{0,12}",
        members=f"{_NAME} {_STRETCH}*",
    ): 0.6,
}
# Frames that only the absence of what would be another matter makes count: their gaps are looked at.
LOOSE = ("side_topic", "side_within", "side_subject", "side_label", "joins")
# Frames that are found in other texts too: they count only where an article speaks of talks.
NEED_TALKS = (
    "side_list", "for_list", "side_block", "side_colon", "side_presents", "and_for", "for_colon",
    "roles_led_by", "negotiators", "in_brackets", "opposed", "arrives_with", "name_for", "accompanied",
    "accompanied_on", "next_sent", "emissaries", "country_line", "side_accompanied", "accompanies",
    "accompany", "each_for", *LOOSE,
)  # fmt: skip
# Frames that only go on about a delegation spoken of shortly before.
NEED_CONTEXT = (
    "opposed", "it_accompanied", "attends_anew", "it_comprises", "it_led", "it_led_first", "wake",
    "member_of", "member_of_group", "list_in_group", "list_of_it", "list_in", "travel", "wake_of_role",
    "joins",
)  # fmt: skip
# Frames whose first member leads, and those of whoever has company.
LED = ("led_by", "led_too", "led_first", "it_led", "it_led_first", "with_at_head", "roles_led_by")
COMPANY = ("accompanied", "accompanied_on", "arrives_with", "accompanies", "accompany")
SIDE = Rule("side", side=_BESIDE)
# « • Nouvelle-Calédonie : la délégation est… », « Pour la Syrie, »: whose side what follows is on.
LABEL = Rule(
    "label",
    _s="<stop|line>",
    _l="<line>*",
    side=f"(?: <bullet|item>? <for> {_ANY_SIDE} | <bullet|item> {_ANY_SIDE} | <det>? <party> )",
    _b="(?: <open> <^close|stop|line>{1,8} <close> )? (?: <comma> <^name|stop|line|comma|colon>{1,6} )? <colon>",
)
PRINCIPALS = Rule("principals", first="<roles>", _e="<and>", second="<nat>", _c="<comma>?", cue="<with_delegations>")
# Around whom a delegation is gathered, by an office only.
CENTRE = Rule("centre", d="<delegation>", _np=_GROUP, cue="<comprises>", _w="<adverb>* <wake> <det>?", which="<role>")
# « la société civile soudanaise », « Mouvement pour la justice du Kivu (MJK) ».
GROUP_NAME = Rule(
    "group_name",
    group="<own_group|rebel_side> <word|state_side>{0,2}"
    " (?: <nat> | <of>+ <det>? <word>? <party|capital|nat|candidate>+ | <of>+ <det>? <verb|word|role|roles> )?"
    " (?: <for|of|det> <for|of|det|word|capital>{0,6} <capital|word|party|candidate> )?",
    acronym="(?: <open> <capital|party|name|candidate> <close> )?",
)
# « la compagnie Minera Cerro Pardo »: known by its own name.
GROUP_PROPER = Rule(
    "group_proper", d="<own_group>", _of="(?: <of>{1,2} <det>? )?", group="<capital|candidate|name>{1,4}"
)
# « Pour la Commission du bassin, observatrice : »: a label that no lexicon knows.
GROUP_LABEL = Rule(
    "group_label",
    _o="<stop|line|semicolon> <bullet>? (?: <for> | <side> <of>? )",
    _l="<det>",
    group="<capital|candidate> <^comma|colon|stop|line|name|open|verb|relative>{0,8}",
    acronym="(?: <open> <capital|party|name|candidate> <close> )?",
    _end="(?: <comma> <^name|stop|line|comma|colon>{1,6} )? <colon>",
)
_ACRONYM = "<capital|name|candidate>"
GROUP_OF = Rule(
    "group_of",
    d="<delegation>",
    _of="<word|role|roles>{0,2} <of>+ <det>?",
    group="<capital|candidate>+ <roles>? (?: <slash> <capital>+ <number>? )*"
    " (?: <for|of|det> <for|of|det|word|capital>{0,6} <capital|word|party> )?",
    acronym=f"(?: <open> {_ACRONYM} <close> )?",
)
# A state that is none's, a movement that the lexicon does not know: « la République moldave du Dniestr (RMD) ».
GROUP_SHORT = Rule(
    "group_short",
    d="<delegation>",
    _of="<word|role|roles>{0,2} <of>+ <det>?",
    group="<capital|own_group|rebel_side> <word|nat|party|of|det|for|and|capital>{1,10}",
    acronym=f"<open> {_ACRONYM} <close>",
)
GROUP_PARTY = Rule(
    "group_party",
    d="<delegation|member_mark|head_mark>",
    party="<word|role|roles|of|det|adverb|number|state_side|rebel_side>{0,7}"
    " <nat|party|role|roles|own_group|state_side|rebel_side>",
)
GROUP_SENT = Rule(
    "group_sent",
    party="<party>",
    _g="<^stop|line|name>{0,8}",
    _c="<sends>",
    _h="<^stop|line|name>{0,8}",
    d="<delegation>",
)
# « la délégation de l'Union européenne en Haïti »: an embassy.
EMBASSY = Rule(
    "embassy", d="<delegation>", _of="<of> <det>?", party="<party>", at="<in|of|adverb>", _l="<det>?", _place="<party>"
)
_CHARGE_OF = "word|nat|party|role|roles|state_side|rebel_side|own_group|delegation|capital"
_CHARGE = f"<{_CHARGE_OF}>"
# A role and the names it goes with, before or behind them; `det` says that the role has an article.
ROLE_RULES = [
    # « le président de la commission, le professeur X »: the first role counts.
    Rule(
        "before_rank",
        # « outre le président, le ministre X »: two persons.
        _l="(?: <^name|candidate|comma|open|dash|det|adverb|besides> <det>? | <^adverb|besides> <adverb> )",
        role="<role>",
        _x="<nat>* <comma> <det>",
        _r="<role>",
        _t="<title>*",
        names="<name|candidate>",
    ),
    # « le vice-Premier ministre et ministre de la Défense X »: one person, since the second has no article.
    Rule("both_before", role="<role> <and> <role>", _x="<nat>* <comma>? <title>*", names="<name|candidate>"),
    Rule(
        "both_behind",
        names="<name|candidate>",
        _x="<comma|open|colon|dash> <adverb|line>*",
        role="<role> <and> <role>",
        _end="<nat>* <comma|open|close|semicolon|stop|line>",
    ),
    Rule("before", role="<role|roles>", _x="<mark>? <nat>* <nicknamed>? <title>*", names="<name|candidate>"),
    Rule(
        "before_all",
        role="<roles>",
        _x="<nat>* (?: <word>{0,2} <adverb>{1,2} | <comma|colon>? ) <title>*",
        names=f"(?: {_NOTED} (?: <comma> {_NOTED} )* (?: <comma>? <and> <adverb>* {_NOTED} )? )",
    ),
    # « avec X, son président, Y, son porte-parole »: each is followed by his own.
    Rule(
        "apposed_in_turn",
        _l="(?: <^comma|role|roles|title|word> | <^role|roles|word|candidate|capital> <comma> )",
        names="<name>",
        _x="<comma> <det>",
        role="<role>",
        _end="<nat>* <comma> <and>? <title>* <name> <comma> <det> <role>",
    ),
    Rule(
        "before_comma",
        _l="<^name|candidate|comma|open|dash|colon>",
        role="<role|roles>",
        _x="<nat>* (?: <of> <number> <word> )? <comma> (?: <det> <nat|party> )? <title>*",
        names="<name|candidate>",
    ),
    # « et une juriste formée à Nouakchott, X », « du stratège de la maison, un Britannique, X ».
    Rule(
        "before_aside",
        _l="(?: <^comma> | <^name|candidate> <comma> ) <det|of>",
        role="<role> <capital>?",
        _x="<word|in|of|det|party|capital|candidate|nat|number>{0,6} <comma> (?: <det> <nat|party> <comma> )? <title>*",
        names="<name|candidate>",
    ),
    # « le chef de sa mission à Chisinau, X ».
    Rule(
        "own_before_comma",
        role="<role> <of> <det> <delegation|own_group|state_side|word> <nat>?"
        " (?: <in> <det>? <party|capital|candidate> )?",
        _x="<comma> (?: <det> <role> )? <title>*",
        names="<name|candidate>",
    ),
    Rule(
        "opening_line",
        _l="<line|bullet|item|colon>",
        role="<role>",
        _x="<nat>* <comma|colon> <title>*",
        names="<name|candidate>",
    ),
    Rule(
        "behind_line",
        _l="<bullet|item> <title>*",
        names="<name|candidate>",
        _x="<comma|open|colon|dash> <adverb>*",
        role="<role|roles>"
        " <word|of|det|nat|party|in|for|adverb|role|roles|capital|number|and|delegation|own_group>{0,20}",
        _end="<comma|semicolon|stop|line|close|glue>",
    ),
    Rule(
        "behind",
        names="<name|candidate>",
        _x="(?: <open> <^close|line|role|roles>{1,8} <close> )? <comma|open|colon|dash> <adverb|line>*",
        role="<role>",
    ),
    # « les directeurs politiques des trois capitales : A pour Paris, B pour Berlin ».
    Rule(
        "before_each_all",
        role="<roles>",
        _x="<nat>* (?: <of> <^stop|line|name|candidate|comma|colon>{1,4} )? <comma|colon> <title>*",
        names=f"(?: {_WHO} <for> <det>? <party> (?: (?: <comma|and> | <comma> <and> ) {_WHO} <for> <det>? <party> )+ )",
    ),
    # « le colonel X, chargé des opérations ».
    Rule(
        "charged",
        names="<name|candidate>",
        _x="<comma|open|colon|dash>",
        # « des otages au département d'État ».
        role=f"<word> <of>{{1,2}} <det>? {_CHARGE} (?: <{_CHARGE_OF}|of|det>{{0,8}} {_CHARGE} )?"
        " (?: <in> <det>? <word|party|capital|own_group|state_side>"
        " (?: <of> <det>? <word|party|capital|nat>{1,3} )? <nat>? )?",
        _end="<comma|semicolon|stop|line|close|and>",
    ),
    Rule(
        "behind_all", names=f"(?: {_NOTED} (?: <comma> {_NOTED} )* <and> {_NOTED} )", _x="<comma|open>", role="<roles>"
    ),
    Rule(
        "behind_article",
        names="<name|candidate>",
        _x="<comma> <det>",
        role="<role>",
        _end="(?: <nat>* (?: <semicolon|stop|and|line|close|verb|colon|question>"
        " | <comma> <^name|candidate|title|number> ) )",
    ),
    # « un juriste que nul n'attendait, Paul Naisseline ».
    Rule(
        "before_relative",
        role="<role>",
        _x=f"<nat>? {_CLAUSE_OF_IT} <comma> <title>*",
        names="<name|candidate>",
    ),
    Rule("next_sentence", role="<role>", _x="<stop>", names="<name>"),
    Rule(
        "nouns_before_all",
        _l="<det>",
        role="<word>",
        _x="<nat>?",
        names=f"(?: {_NOTED} (?: <comma> {_NOTED} )* <and> {_NOTED} )",
    ),
    Rule(
        "mark_before", role="<head_mark> <nat|state_side|rebel_side>?", _x="<comma>? <title>*", names="<name|candidate>"
    ),
    Rule("mark_behind", names="<name|candidate>", _x="<comma> <det>?", role="<head_mark> <nat|state_side|rebel_side>?"),
    Rule("noun_before", _l="<det|of>", role="<word>{1,2} <nat>?", names="<name|candidate>"),
    Rule(
        "noun_before_comma",
        _l="<det>",
        role="<word> <word|of|in|nat|det>{0,6}",
        _c="<comma> <title>*",
        names="<name|candidate>",
    ),
    Rule(
        "noun_apposed",
        names="<name>",
        _x="<comma>",
        role="<word> <of> <det>? <word|capital|party|nat>{1,5}",
        _end="<comma|stop|semicolon|and|line>",
    ),
    Rule(
        "noun_behind",
        _l="<bullet|item|semicolon> <det>? <title>*",
        names="<name|candidate>",
        _x="<comma|colon|dash|open>",
        role="<word> <^name|candidate|comma|semicolon|stop|line|close|glue|verb>{0,12}",
    ),
]
GUESSES = [
    "next_sentence",
    "mark_before",
    "mark_behind",
    "nouns_before_all",
    "noun_before",
    "noun_before_comma",
    "noun_apposed",
    "noun_behind",
]
# « une délégation de douze personnes », « côté américain, seize officiels seront du voyage ».
_SIZE = "(?: <number> <of>? <counted> )"
SIZES = [
    Rule("group_size", d="<delegation>", _g="<^stop|line|number|semicolon>{0,14}", size=_SIZE),
    Rule(
        "side_size",
        side=_SIDE,
        _g="<comma|adverb>*",
        size="(?: <number> <of>? <counted|word>{1,2} )",
        _a="<attends|travels>",
    ),
    Rule("there_size", size="(?: <number> <of>? <counted> )", _w="<word|nat>{0,2}", _a="<attends|travels>"),
]
OUT = [
    Rule("out_behind", names=_WHO, _g="<^stop|line|name|semicolon|and|roles>{0,12}", cue="<negative>"),
    Rule("out_before", cue="<negative|without>", _g="<of|det|role|its_head|title|nat|comma|colon|by>{0,6}", names=_WHO),
    Rule("out_replaced", cue="<replaces>", _g="<^stop|line|name|semicolon>{0,8}", names=_WHO),
    # « a été accueillie par le ministre X, accompagné de Y »: the hosts.
    Rule("out_host", cue="<received_by>", names=_LIST),
    Rule("out_of_it", cue="<negative>", _g="<^stop|line|name>{0,14} <comma>", names=_ITEM),
]
