/*
 * Everything about claims, steps and the world once more, under the events engine.
 */
import './with-events.js';
import './points.test.js';
import './stepping.test.js';
import './undisturbed.test.js';
import './world.test.js';
