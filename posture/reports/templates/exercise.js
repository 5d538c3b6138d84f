
(function () {
  "use strict";
  function id(name) { return document.getElementById(name); }
  function text(node, words) { if (node.textContent !== words) { node.textContent = words; } }

  var section = id("timer");
  var pause = function () {}, reset = function () {};

  function timer() {
    var plan = JSON.parse(section.dataset.plan), live = section.querySelector(".live"), stage = section.querySelector(".stage");
    var go = id("go"), again = id("reset"), sound = id("sound");
    var READY = 5, parts = [{ say: "Get ready", seconds: READY, step: plan.phases[0].step, round: 0 }];
    for (var round = 1; round <= plan.most; round += 1) {
      plan.phases.forEach(function (phase) {
        parts.push({ say: phase.say, seconds: phase.seconds, step: phase.step, round: round });
      });
    }
    var total = parts.reduce(function (sum, part) { return sum + part.seconds; }, 0);
    var before = 0, since = null, ticking = 0, shown = -1, enough = false, audio = null;
    // `before`: seconds counted until the last pause; `since`: when the clock was started again, null while it stands

    function elapsed() { return Math.min(total, before + (since === null ? 0 : (performance.now() - since) / 1000)); }
    function clock(seconds) {
      var whole = Math.ceil(seconds - 1e-6), minutes = Math.floor(whole / 60);
      return whole < 60 ? String(whole) : minutes + ":" + String(whole % 60).padStart(2, "0");
    }
    function rounds(part) {
      if (part.round === 0) { return ""; }
      if (plan.most === 1) { return plan.enough_s && elapsed() - READY >= plan.enough_s ? "That's enough. Go on if you like." : ""; }
      return "Round " + part.round + " of " + plan.most + (part.round > plan.least ? ". " + plan.least + " would do: go on if it's easy." : "");
    }
    function hear() {  // a browser lets sound begin only where somebody has just pressed something
      if (sound.checked && window.AudioContext) {
        audio = audio || new AudioContext();
        audio.resume();
      }
    }
    function tone(high) {
      if (!sound.checked || !audio) { return; }
      var note = audio.createOscillator(), loud = audio.createGain(), at = audio.currentTime;
      note.frequency.value = high ? 660 : 440;
      loud.gain.setValueAtTime(0.0001, at);
      loud.gain.exponentialRampToValueAtTime(0.12, at + 0.03);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
      note.connect(loud).connect(audio.destination);
      note.start(at);
      note.stop(at + 0.4);
    }
    function mark(step) {
      document.querySelectorAll(".steps li").forEach(function (item) {
        var now = step !== null && item.dataset.step === String(step);
        item.classList.toggle("now", now);
        if (now) { item.setAttribute("aria-current", "step"); } else { item.removeAttribute("aria-current"); }
      });
    }
    function picture(step) {
      var found = document.querySelector('.steps li[data-step="' + step + '"] :is(svg, img)') || document.querySelector(":is(.strip, .steps) :is(svg, img)");
      live.classList.toggle("bare", !found);
      if (found) { stage.replaceChildren(found.cloneNode(true)); }
    }
    function draw() {
      var at = elapsed(), ended = at >= total, index = 0, end = parts[0].seconds;
      while (index < parts.length - 1 && at >= end) { index += 1; end += parts[index].seconds; }
      var part = parts[index], started = before > 0 || since !== null;
      text(id("say"), ended ? "Well done" : started ? part.say : "Ready when you are");
      text(id("left"), ended ? "0" : clock(started ? end - at : plan.phases[0].seconds));
      text(id("round"), ended ? (plan.most > 1 ? plan.most + " of " + plan.most + " rounds" : "") : rounds(part));
      id("bar").style.width = (100 * Math.max(0, at - READY) / (total - READY)).toFixed(1) + "%";
      if (started && !ended && index !== shown) {
        text(id("status"), (part.round && plan.most > 1 && part === parts[1 + (part.round - 1) * plan.phases.length] ? "Round " + part.round + " of " + plan.most + ". " : "") + part.say);
        if (shown >= 0) { tone(index % 2 === 1); }
        picture(part.step);
        mark(part.step);
        shown = index;
      }
      if (!ended && !enough && plan.most === 1 && plan.enough_s && at - READY >= plan.enough_s) {
        enough = true;
        text(id("status"), "That's enough. Go on if you like.");
        tone(true);
      }
      if (ended && since !== null) {
        stop();
        before = total;
        text(id("status"), "Well done. The timer has ended.");
        tone(true);
        mark(null);
      }
      text(go, since !== null ? "Pause" : ended ? "Again" : started ? "Go on" : "Start");
      again.disabled = !started;
      live.dataset.state = since !== null ? "running" : ended ? "ended" : started ? "paused" : "ready";
    }
    function stop() {
      before = elapsed();
      since = null;
      window.clearInterval(ticking);
    }
    function start() {
      if (elapsed() >= total) { clear(); }
      since = performance.now();
      ticking = window.setInterval(draw, 200);
      draw();
    }
    function clear() {
      stop();
      before = 0;
      shown = -1;
      enough = false;
      mark(null);
      picture(plan.phases[0].step);
    }
    pause = function (quietly) {
      if (since === null) { return; }
      stop();
      draw();
      if (!quietly) { text(id("status"), "Paused."); }
    };
    reset = function (quietly) {
      clear();
      draw();
      text(id("status"), quietly ? "" : "Reset.");
      if (document.activeElement === document.body || document.activeElement === again) { go.focus({ preventScroll: true }); }
    };
    sound.addEventListener("change", hear);
    go.addEventListener("click", function () { hear(); if (since === null) { start(); } else { pause(false); } });
    again.addEventListener("click", function () { reset(false); });
    section.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) { return; }
      if (event.key === "Escape") { pause(false); }
      if (event.key === "r" || event.key === "R") { reset(false); }
    });
    if (!window.AudioContext) { sound.closest("p").hidden = true; }
    live.hidden = false;
    clear();
    draw();
  }

  if (section) { timer(); }
  if (id("done")) {
    id("done").parentNode.hidden = false;
    id("done").addEventListener("click", function () {
      pause(true);
      text(id("answer"), "Well done. Now tell the monitor, as described below, and close this page.");
    });
    id("later").addEventListener("click", function () {
      if (section) { reset(true); }
      text(id("answer"), "All right. Tell the monitor, as described below, and close this page.");
    });
  }
})();
