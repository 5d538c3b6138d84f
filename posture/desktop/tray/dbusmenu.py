"""A menu on the bus, as panels read it: ``com.canonical.dbusmenu``.

A panel copies the menu and keeps the copy up to date by signals: new labels (``ItemsPropertiesUpdated``) leave an open menu as it is, a new
layout (``LayoutUpdated``) does not, so it waits until the menu is closed.
Annotations are not postponed here: dbus-fast reads the signatures from them, and ``None`` only as such.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from dbus_fast import DBusError, ErrorType, PropertyAccess, Variant
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr, DBusUInt32, DBusVariant
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from pystray import Menu

ROOT = 0
_NODE = "(ia{sv}av)"
_OPEN_AT_MOST_S = 60.0
"""A panel that died with the menu open never says that it was closed."""
Numbers = Annotated[list[int], DBusSignature("ai")]
Names = Annotated[list[str], DBusSignature("as")]
Properties = Annotated[list[Any], DBusSignature("a(ia{sv})")]


@dataclass(frozen=True, slots=True)
class Node:
    """One line of a menu."""

    properties: dict[str, Variant]
    children: tuple[int, ...] = ()
    act: Callable[[], object] | None = None


class MenuTree:
    """The lines of a menu by number. A line keeps its number as long as it says the same, and no other line ever gets it.

    Lines that are only to be read keep their number whatever they say.
    """

    def __init__(self) -> None:
        """Empty."""
        self.nodes: dict[int, Node] = {ROOT: _submenu({}, ())}
        self.revision = 0
        """Of the layout: which lines there are and in which order."""
        self._numbers: dict[tuple[int, str, str, int], int] = {}
        self._former: dict[int, Node] = {}

    def read(self, items: Iterable[Any]) -> dict[int, Node]:
        """Return the nodes for pystray's items; nothing is replaced yet."""
        nodes: dict[int, Node] = {}
        nodes[ROOT] = _submenu({}, self._children(items, ROOT, nodes))
        return nodes

    def reword(self, new: dict[int, Node]) -> list[int]:
        """Replace the properties of the lines that stay; return the numbers of those that changed."""
        changed = [number for number, node in self.nodes.items() if number in new and new[number].properties != node.properties]
        for number in changed:
            self.nodes[number] = replace(self.nodes[number], properties=new[number].properties)
        return changed

    def replace(self, new: dict[int, Node]) -> bool:
        """Replace everything; return whether the layout is another one."""
        other = {n: node.children for n, node in self.nodes.items()} != {n: node.children for n, node in new.items()}
        self.revision += other
        self._former |= self.nodes
        self.nodes = new
        return other

    def act(self, number: int) -> bool:
        """Do what the line says, also if it has just gone; return whether there is such a line."""
        node = self.nodes.get(number) or self._former.get(number)
        if node is not None and node.act is not None:
            node.act()
        return node is not None

    def _children(self, items: Iterable[Any], parent: int, nodes: dict[int, Node]) -> tuple[int, ...]:
        seen: Counter[tuple[str, str]] = Counter()
        children = []
        for item in items:
            kind, label = _identity(item)
            key = (parent, kind, label, seen[kind, label])
            seen[kind, label] += 1
            number = self._numbers.setdefault(key, len(self._numbers) + 1)
            nodes[number] = self._node(item, number, nodes)
            children.append(number)
        return tuple(children)

    def _node(self, item: Any, number: int, nodes: dict[int, Node]) -> Node:
        if item is Menu.SEPARATOR:
            return Node({"type": Variant("s", "separator")})
        properties = {"label": Variant("s", item.text.replace("_", "__")), "enabled": Variant("b", bool(item.enabled))}  # _x: underlined x
        if item.submenu is not None:
            return _submenu(properties, self._children(item.submenu.items, number, nodes))
        return Node(properties, act=(lambda: item(None)) if item.enabled else None)


def _submenu(properties: dict[str, Variant], children: tuple[int, ...]) -> Node:
    return Node({**properties, "children-display": Variant("s", "submenu")}, children)


def _identity(item: Any) -> tuple[str, str]:
    """Return what makes an item the same one: kind and label, which does not count where it is only to be read."""
    if item is Menu.SEPARATOR:
        return "separator", ""
    if item.submenu is not None:
        return "submenu", item.text
    return ("item", item.text) if item.enabled else ("text", "")


class MenuInterface(ServiceInterface):
    """Offers a menu to panels. All of it runs on the loop of the connection."""

    def __init__(self, items: Callable[[], Iterable[Any]]) -> None:
        """`items` returns pystray's items, as they are now."""
        super().__init__("com.canonical.dbusmenu")
        self._items, self._tree = items, MenuTree()
        self._open: set[int] = set()
        """Which menu and submenus a panel shows now; panels tell it of submenus, and not all of them of the menu."""
        self._closing: asyncio.TimerHandle | None = None
        self._tree.replace(self._tree.read(items()))

    def update(self) -> bool:
        """Offer the menu as it is now, but keep the lines of one that is open; return whether they are others now."""
        new = self._tree.read(self._items())
        if changed := self._tree.reword(new):
            self.ItemsPropertiesUpdated(changed)
        other = not self._open and self._tree.replace(new)
        if other:
            self.LayoutUpdated()
        return other

    @dbus_method()
    def GetLayout(self, parent: DBusInt32, depth: DBusInt32, names: Names) -> Annotated[list[Any], DBusSignature(f"u{_NODE}")]:
        """Return the revision and a line with those below it, `depth` levels deep (-1: all)."""
        return [self._tree.revision, self._layout(parent, depth, set(names))]

    @dbus_method()
    def GetGroupProperties(self, numbers: Numbers, names: Names) -> Properties:
        """Return the properties of several lines; of all, if none is named."""
        known = [number for number in numbers or self._tree.nodes if number in self._tree.nodes]
        return [[number, self._properties(number, set(names))] for number in known]

    @dbus_method()
    def GetProperty(self, number: DBusInt32, name: DBusStr) -> DBusVariant:
        """Return one property of a line."""
        properties = self._node(number).properties
        if name not in properties:
            raise DBusError(ErrorType.INVALID_ARGS, f"line {number} has no {name}")
        return properties[name]

    @dbus_method()
    def Event(self, number: DBusInt32, event: DBusStr, data: DBusVariant, time_s: DBusUInt32) -> None:
        """Handle what happened to a line."""
        if not self._handle(number, event):
            raise DBusError(ErrorType.INVALID_ARGS, f"there is no line {number}")

    @dbus_method()
    def EventGroup(self, events: Annotated[list[Any], DBusSignature("a(isvu)")]) -> Numbers:
        """Handle several events; return the lines that there are not."""
        return [number for number, event, *_ in events if not self._handle(number, event)]

    @dbus_method()
    def AboutToShow(self, number: DBusInt32) -> DBusBool:
        """Bring a menu up to date that is about to be shown; return whether it has to be read anew."""
        return self._about_to_show([number])

    @dbus_method()
    def AboutToShowGroup(self, numbers: Numbers) -> Annotated[tuple[list[int], list[int]], DBusSignature("aiai")]:
        """As AboutToShow; return those to be read anew, and those that there are not."""
        stale = self._about_to_show(numbers)
        return ([ROOT] if stale else [], [number for number in numbers if number not in self._tree.nodes])

    @dbus_signal()
    def ItemsPropertiesUpdated(self, numbers: list[int]) -> Annotated[list[Any], DBusSignature("a(ia{sv})a(ias)")]:
        """Announce other words."""
        return [[[number, self._tree.nodes[number].properties] for number in numbers], []]

    @dbus_signal()
    def LayoutUpdated(self) -> Annotated[list[int], DBusSignature("ui")]:
        """Announce other lines."""
        return [self._tree.revision, ROOT]

    @dbus_property(PropertyAccess.READ)
    def Version(self) -> DBusUInt32:
        """Of the protocol."""
        return 3

    @dbus_property(PropertyAccess.READ)
    def TextDirection(self) -> DBusStr:
        """Left to right."""
        return "ltr"

    @dbus_property(PropertyAccess.READ)
    def Status(self) -> DBusStr:
        """Not pressing."""
        return "normal"

    @dbus_property(PropertyAccess.READ)
    def IconThemePath(self) -> Names:
        """Lines have no icons."""
        return []

    def _handle(self, number: int, event: str) -> bool:
        if event == "clicked":
            self._open.clear()
            known = self._tree.act(number)
        else:
            known = number in self._tree.nodes
            if event == "opened":
                self._open.add(number)
                self._await_closing()
            elif event == "closed":
                self._open.discard(number)
        self.update()
        return known

    def _await_closing(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        self._closing = asyncio.get_running_loop().call_later(_OPEN_AT_MOST_S, self._close)

    def _close(self) -> None:
        self._open.clear()
        self.update()

    def _about_to_show(self, numbers: list[int]) -> bool:
        if ROOT in numbers:
            self._open.clear()
        return self.update()

    def _node(self, number: int) -> Node:
        if number not in self._tree.nodes:
            raise DBusError(ErrorType.INVALID_ARGS, f"there is no line {number}")
        return self._tree.nodes[number]

    def _properties(self, number: int, names: set[str]) -> dict[str, Variant]:
        return {name: value for name, value in self._tree.nodes[number].properties.items() if not names or name in names}

    def _layout(self, number: int, depth: int, names: set[str]) -> list[Any]:
        below: Iterator[int] = iter(self._node(number).children if depth else ())
        return [number, self._properties(number, names), [Variant(_NODE, self._layout(child, depth - 1, names)) for child in below]]
